/** The terms that encodings bring to attention scores beside the stream: what turning adds, and biases. */
import { beforeAll, expect, test } from "vitest";
import type { Activation } from "../../src/probes/activations.ts";
import { broadcastTo } from "../../src/probes/broadcast.ts";
import { ratio } from "../../src/probes/terms.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import {
  asked,
  dot,
  expectRows,
  type Matrix,
  type Pass,
  passesOf,
  rowsOf,
  statistics,
  T,
} from "./score-loops.ts";

beforeAll(async () => {
  await startTestEngine();
});

test.each(["rope", "alibi", "deberta", "fire"])(
  "%s: what turning and the bias bring are terms of the tapped scores",
  async (kind) => {
    const model = smallModel({ kind }, { layers: 1, width: 8, heads: 2, bias: false });
    const params = livelyParams(model);
    const rows = await asked(model, params, 1);
    const at = (name: string) => `blocks.0.attn.${name}`;
    const [{ traced }] = (await passesOf(model, params, ["q", "k", "bias", "attn_scores"].map(at))) as [Pass];
    const [q, k] = ["q", "k"].map((name) =>
      rowsOf(traced.activations[at(name)]?.values as Float32Array, 2 * T).slice(0, T),
    ) as unknown as [Matrix, Matrix];
    const scores = rowsOf((traced.activations[at("attn_scores")] as Activation).values.slice(0, T * T), T);
    const scale = model.encoding.scale ?? 0.5;
    const tokens = q.map((a) => k.map((b) => scale * dot(a, b))); // no biases, no positions in the stream
    const given = traced.activations[at("bias")];
    const bias = given && rowsOf(broadcastTo(given, [2, T, T]).slice(0, T * T), T);
    const added = scores.map((row, i) => row.map((value, j) => value - (tokens[i]?.[j] as number)));
    const name = kind === "rope" ? "transform" : "bias";
    const rest = added.map((row) => row.map(() => 0));
    expectRows(
      rows,
      { layer: 0, head: 0 },
      statistics({ "token-token": [tokens], [name]: [bias ?? added], rest: [rest] }, true),
    );
  },
);

test("without positions and biases all is of tokens in the first block", async () => {
  const model = smallModel({ kind: "none" }, { layers: 1, width: 8, bias: false });
  const rows = await asked(model, livelyParams(model), 2);
  for (const { metric, value, at } of rows) {
    if (at.term === "rest") expect(Math.abs(value as number)).toBeLessThan(1e-6);
    else if (metric === "term_share") expect([at.term, value]).toEqual(["token-token", expect.closeTo(1, 6)]);
  }
  expect(rows).toHaveLength(2 * 2 * 2 + 2);
});

test("a block's share is the mean over its heads", async () => {
  const model = smallModel({ kind: "alibi" }, { layers: 1, width: 8 });
  const rows = (await asked(model, livelyParams(model), 2)).filter(({ metric }) => metric === "term_share");
  for (const term of ["token-token", "bias", "rest"]) {
    const [first, second, block] = rows.filter(({ at }) => at.term === term);
    expect([first?.at.head, second?.at.head, block?.at.head, block?.n]).toEqual([0, 1, undefined, 2]);
    expect(block?.value).toBeCloseTo(((first?.value as number) + (second?.value as number)) / 2, 12);
  }
});

test("a ratio's standard error is that of its residuals over the mean of the denominator", () => {
  expect(ratio([1, 3], [2, 2])).toEqual({ value: 1, n: 2, se: expect.closeTo(0.5, 12) });
  expect(ratio([1, 2], [1, 2])).toEqual({ value: 1, n: 2, se: 0 });
  expect(ratio([0], [0])).toEqual({ value: null, n: 1, se: null });
});
