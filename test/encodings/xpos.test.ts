/** xPos against x-transformers, and far from its centre. */
import { beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { forward } from "../../src/model/transformer.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { dot } from "../model/reference.ts";
import {
  furthest,
  gradientSizes,
  idsTensor,
  livelyParams,
  logitsFor,
  smallModel,
  someTokens,
} from "../model/small.ts";
import { encodingOf, GOLDEN, golden, lower, type Sizes, turned, upTo } from "./calls.ts";

interface Golden {
  readonly scaleBase: number;
  readonly q: number[][][][];
  readonly k: number[][][][];
  readonly scores: number[][][][];
}

const goldens = golden<Golden>("xpos");
const SIZES: Sizes = { heads: 2, headWidth: 8, context: 8 };

beforeAll(async () => {
  await startTestEngine();
});

/** q_i·k_j of each head, (H,T,T). */
function scoresAt(positions: number[], fields: object): number[][][] {
  const position = { kind: "xpos", ...fields };
  const [q] = turned(position, SIZES, goldens.q, positions, "query") as [number[][][]];
  const [k] = turned(position, SIZES, goldens.k, positions, "key") as [number[][][]];
  return q.map((rows, h) => rows.map((row) => (k[h] as number[][]).map((other) => dot(row, other))));
}

test("scores equal those of x-transformers, whose centre is another", () => {
  const [expected] = goldens.scores as [number[][][]];
  const { scaleBase } = goldens;
  expect(furthest(scoresAt(upTo(10), { scaleBase }).map(lower), expected.map(lower))).toBeLessThan(GOLDEN);
});

test("pair k of q_i·k_j carries ((2k/D + 0.4)/1.4)^((i − j)/B)", () => {
  // A query and keys of one pair, (1, 0), turned back by the angle that RoPE gives them.
  for (const [pair, zeta] of [0.4 / 1.4, 0.65 / 1.4, 0.9 / 1.4, 1.15 / 1.4].entries()) {
    const x = [[[upTo(8).map((c) => (c === 2 * pair ? 1 : 0))]]];
    const at = (p: number, side: "query" | "key") =>
      turned({ kind: "xpos", scaleBase: 3 }, { ...SIZES, heads: 1 }, x, [p], side).flat(3);
    const angle = 9 * 10_000 ** (-pair / 4);
    const expected = zeta ** (9 / 3) * Math.cos(angle);
    expect(Math.abs(dot(at(11, "query"), at(2, "key")) - expected)).toBeLessThan(1e-5);
  }
});

test('"context", the default, is a half of L_max', () => {
  expect(scoresAt(upTo(10), {})).toEqual(scoresAt(upTo(10), { scaleBase: 4 }));
});

test("depends on i − j alone up to 24·L_max, from both ends of 16·L_max and past it", () => {
  const first = scoresAt(upTo(10), {}).map(lower);
  for (const by of [54, 118, 150, 180]) {
    const moved = scoresAt(
      upTo(10).map((i) => i + by),
      {},
    ).map(lower);
    expect(furthest(moved, first)).toBeLessThan(2e-4);
  }
});

test("positions at which scales would leave float32 are refused", () => {
  expect(encodingOf({ kind: "xpos" }, SIZES).maxPositions).toBe(191); // of contexts of 8 tokens
  expect(encodingOf({ kind: "xpos", scaleBase: 512 }, SIZES).maxPositions).toBe(64 + 16_347);
  const model = smallModel({ kind: "xpos" });
  const at = (by: number) => logitsFor(model, livelyParams(model), someTokens(1, 2), { kind: "shifted", by });
  expect(at(189).flat(2).every(Number.isFinite)).toBe(true);
  expect(() => at(190)).toThrow(/xpos: position 191 is outside \[0, 191\)/);
});

test("over 16·L_max the causal mask holds, though masked products are past 1e9, and logits are finite", () => {
  const model = smallModel({ kind: "xpos" });
  const params = livelyParams(model);
  const [tokens] = someTokens(1, 128) as [number[]];
  const logits = logitsFor(model, params, [tokens])[0] as number[][];
  expect(logits.flat().every(Number.isFinite)).toBe(true);
  const products = tf.tidy(() => {
    const kept: number[] = [];
    forward(model, params, idsTensor([tokens]), tf.range(0, 128), {
      tap: (name, value) => {
        if (name === "blocks.0.attn.attn_scores") kept.push(...value.dataSync());
        return value;
      },
    });
    return kept;
  });
  expect(Math.min(...products)).toBeLessThan(-1e12);
  // A change of the last token changes nothing before it.
  const other = tokens.with(-1, ((tokens.at(-1) as number) + 1) % 11);
  const changed = logitsFor(model, params, [other])[0] as number[][];
  expect(changed.slice(0, -1)).toEqual(logits.slice(0, -1));
});

test("over 16·L_max gradients are finite, though scales range over e^±20", () => {
  const model = smallModel({ kind: "xpos" });
  for (const [name, size] of gradientSizes(model, 128)) {
    expect(Number.isFinite(size), name).toBe(true);
    expect(size, name).toBeGreaterThan(0);
  }
});

test("bidirectional attention is refused, and so are heads of odd width and a scaleBase that float32 cannot hold", () => {
  const steep = (scaleBase: number) => encodingOf({ kind: "xpos", scaleBase }, SIZES);
  expect(() => steep(2)).toThrow(InputError);
  expect(() => steep(2)).toThrow(/xpos: model\.position\.scaleBase 2 makes .* choose 3 or more/);
  expect(() => steep(3)).not.toThrow();
  const bidirectional = () => encodingOf({ kind: "xpos" }, { ...SIZES, attention: "bidirectional" });
  expect(bidirectional).toThrow(InputError);
  expect(bidirectional).toThrow(/xpos: scores .* grow without bound.*; use causal/);
  const odd = () => encodingOf({ kind: "xpos" }, { heads: 2, headWidth: 3 });
  expect(odd).toThrow(InputError);
  expect(odd).toThrow(/xpos: heads of width 3 are not pairs of columns; choose/);
});
