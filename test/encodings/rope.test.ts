/** RoPE and its scalings against Hugging Face and x-transformers, and what rotations promise. */
import { beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { dot } from "../model/reference.ts";
import { furthest } from "../model/small.ts";
import { encodingOf, GOLDEN, golden, type Nest, turned, upTo } from "./calls.ts";

/** An angle in float32, and its cosine. */
const ROUNDING = 2e-6;

interface Golden {
  readonly context: number;
  readonly positions: number[];
  readonly q: number[][][][];
  readonly cases: { readonly title: string; readonly position: { kind: string }; readonly rotated: Nest }[];
}

const goldens = golden<Golden>("rope");

beforeAll(async () => {
  await startTestEngine();
});

describe("against other implementations", () => {
  test.each(goldens.cases)("$title", ({ position, rotated }) => {
    const sizes = { heads: 2, headWidth: 8, context: goldens.context };
    const ours = turned(position, sizes, goldens.q, goldens.positions);
    expect(furthest(ours, rotated)).toBeLessThan(GOLDEN);
  });
});

test.each(["halves", "interleaved"])("q_i·k_j depends on i − j alone, and |q| stays: %s", (layout) => {
  const q = goldens.q[0]?.[0]?.[0] as number[];
  const k = goldens.q[0]?.[1]?.[3] as number[];
  const at = (x: number[], p: number) =>
    turned({ kind: "rope", layout }, { heads: 1, headWidth: 8 }, [[[x]]], [p])[0]?.[0]?.[0] as number[];
  const score = (i: number, j: number) => dot(at(q, i), at(k, j));
  for (const by of [1, 30, 500]) expect(Math.abs(score(7 + by, 3 + by) - score(7, 3))).toBeLessThan(1e-4);
  expect(Math.abs(score(7, 3) - score(3, 7))).toBeGreaterThan(0.01); // and on its sign
  expect(Math.abs(dot(at(q, 9), at(q, 9)) - dot(q, q))).toBeLessThan(GOLDEN);
});

test("interleaved is halves with columns 2k and 2k + 1 for k and k + D/2", () => {
  const interleave = (row: readonly number[]) =>
    upTo(8).map((c) => row[Math.floor(c / 2) + (c % 2) * 4] as number);
  const x = goldens.q.map((heads) => heads.map((tokens) => tokens.map(interleave)));
  const sizes = { heads: 2, headWidth: 8 };
  const halves = turned({ kind: "rope" }, sizes, goldens.q, goldens.positions);
  const interleaved = turned({ kind: "rope", layout: "interleaved" }, sizes, x, goldens.positions);
  const moved = halves.map((heads) => heads.map((tokens) => tokens.map(interleave)));
  expect(furthest(interleaved, moved)).toBeLessThan(ROUNDING);
});

test("partial rotation: R = rotary·D columns turn with frequencies of R, the rest pass", () => {
  const whole = turned({ kind: "rope" }, { heads: 1, headWidth: 4 }, [[[[1, 2, 3, 4]]]], [5]);
  const part = turned(
    { kind: "rope", rotary: 0.5 },
    { heads: 1, headWidth: 8 },
    [[[[1, 2, 3, 4, 5, 6, 7, 8]]]],
    [5],
  );
  const rotated = whole.flat(3);
  expect(rotated).not.toEqual([1, 2, 3, 4]);
  expect(part.flat(3)).toEqual([...rotated, 5, 6, 7, 8]);
});

test.each([
  { rotary: 1, headWidth: 5 },
  { rotary: 0.5, headWidth: 6 },
  { rotary: 0.1, headWidth: 8 },
])("columns that are not pairs are refused: %o", ({ rotary, headWidth }) => {
  const make = () => encodingOf({ kind: "rope", rotary }, { heads: 1, headWidth });
  expect(make).toThrow(InputError);
  expect(make).toThrow(/rope: model\.position\.rotary .* not pairs; choose/);
});

describe("pairs says what the rotation does", () => {
  const cases = [
    { kind: "rope" },
    { kind: "rope", layout: "interleaved", rotary: 0.5 },
    ...["linear", "ntk", "dynamic", "yarn", "llama3"].map((kind) => ({ kind: "rope", scaling: { kind } })),
    { kind: "xpos", scaleBase: 1e6 },
  ];
  test.each(cases)("$kind $layout $scaling.kind", (position) => {
    const sizes = { heads: 1, headWidth: 8, context: 16 };
    const length = 24; // past the trained one
    const pairs = encodingOf(position, sizes).pairs?.(length) ?? [];
    expect(pairs.length).toBe("rotary" in position ? 2 : 4);
    for (const { columns, frequency } of pairs) {
      const [a, b] = columns;
      const x = upTo(8).map((c) => (c === a ? 1 : 0));
      const places = upTo(length);
      const moved = turned(position, sizes, [[places.map(() => x)]], places)[0]?.[0] as number[][];
      for (const [place, row] of moved.entries()) {
        const size = Math.hypot(row[a] as number, row[b] as number);
        expect(Math.abs((row[a] as number) / size - Math.cos(place * frequency))).toBeLessThan(2e-5);
        expect(Math.abs((row[b] as number) / size - Math.sin(place * frequency))).toBeLessThan(2e-5);
      }
    }
  });
});
