/**
 * Shuffles: their permutations, their costs against a scalar model, and what models blind to order
 * must get.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { OrderPair, Windows } from "../../src/data/index.ts";
import type { Model } from "../../src/model/model.ts";
import { blockSizes, halfwaySize, shuffledBlocks } from "../../src/probes/block-shuffle.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { referenceLogits } from "../model/reference.ts";
import { livelyParams, smallModel, someTokens } from "../model/small.ts";
import { logSoftmax, referenceOf, tokenizer } from "./referenced.ts";

beforeAll(() => startTestEngine());

/** float32 log-probabilities of size 5, and their differences. */
const ROUNDING = 1e-4;

describe("blocks", () => {
  const rng = createRng(1, "test/blocks");
  test("stay whole, are counted from the end, and are never all where they were", () => {
    const seen = new Set<string>();
    for (let draw = 0; draw < 60; draw++) seen.add(shuffledBlocks([1, 2, 3, 4, 5], 2, rng).join(" "));
    expect([...seen].sort()).toEqual(["1 4 5 2 3", "2 3 1 4 5", "2 3 4 5 1", "4 5 1 2 3", "4 5 2 3 1"]);
    expect(shuffledBlocks([1, 2, 3], 3, rng)).toEqual([1, 2, 3]);
    expect(shuffledBlocks([1, 2], 1, rng)).toEqual([2, 1]);
  });

  test("are of 1, 2, 4, … tokens, fewer than there are", () => {
    expect([2, 3, 4, 5, 9].map(blockSizes)).toEqual([[1], [1, 2], [1, 2], [1, 2, 4], [1, 2, 4, 8]]);
  });

  test("half of the first cost is left between two sizes, on a log scale", () => {
    const curve = [
      { size: 1, cost: 8 },
      { size: 2, cost: 6 },
      { size: 8, cost: 2 },
    ];
    expect(halfwaySize(curve)).toBeCloseTo(4, 12); // half of 6 → 2 on the way, half of log₂ 2 → 8
    expect(() => halfwaySize(curve.slice(0, 2))).toThrow("end it at cost 0");
  });
});

const pairsOf = (pairs: readonly OrderPair[]) => ({ fixed: 1, splits: ["file"], of: () => pairs });
const ask = (model: Model, params: Params, material: object, config: object) =>
  runProbe("shuffles", { model, params, tokenizer, material }, 1, config);
const somePairs = (count: number, length: number): OrderPair[] =>
  someTokens(count, length, 7).map((tokens, i) => {
    const context = tokens.map((token, t) => (token + t * (i + 1)) % 10);
    return { context, swapped: context, answer: (i * 3) % 10 };
  });

test("costs are differences of ln p after one of the permutations that there are", async () => {
  const model = smallModel({ kind: "learned" });
  const params = livelyParams(model);
  const reference = referenceOf(model, params);
  for (const pair of somePairs(3, 4)) {
    const { context, answer } = pair;
    const logP = (tokens: readonly number[]) =>
      logSoftmax(referenceLogits(reference, tokens).at(-1) as readonly number[])[answer] as number;
    const cost = (...order: number[]) => logP(context) - logP(order.map((i) => context[i] as number));
    const rows = await ask(model, params, { pairs: pairsOf([pair]) }, { permutations: 1 });
    const value = (metric: string) => rows.find((row) => row.metric === metric)?.value as number;
    const near = (metric: string, costs: readonly number[]) =>
      expect(Math.min(...costs.map((one) => Math.abs(one - value(metric)))), metric).toBeLessThan(ROUNDING);
    near("block_shuffle_delta_nll", [cost(0, 2, 1, 3)]);
    near("query_moved_delta_nll", [cost(0, 3, 2, 1), cost(0, 1, 3, 2)]);
    near("confounded_shuffle_delta_nll", [
      ...[cost(0, 1, 3, 2), cost(0, 2, 1, 3), cost(0, 2, 3, 1), cost(0, 3, 1, 2), cost(0, 3, 2, 1)],
    ]);
    const gap = value("confounded_shuffle_delta_nll") - value("block_shuffle_delta_nll");
    expect(value("confounded_gap")).toBeCloseTo(gap, 9);
    const likeliest = (tokens: readonly number[]) => {
      const logits = referenceLogits(reference, tokens).at(-1) as readonly number[];
      return logits.indexOf(Math.max(...logits));
    };
    const moved = [0, 2, 1, 3].map((i) => context[i] as number);
    expect(value("permutation_acceptance")).toBe(likeliest(context) === likeliest(moved) ? 1 : 0);
  }
  disposeTree(params);
});

test("curves go up to the longest prefix, and chance is how often two contexts agree", async () => {
  const model = smallModel({ kind: "learned" });
  const params = livelyParams(model);
  const pairs = somePairs(4, 7);
  const rows = await ask(model, params, { pairs: pairsOf(pairs) }, { permutations: 3 });
  const curve = rows.filter(({ metric }) => metric === "block_shuffle_delta_nll");
  expect(curve.map(({ at, n }) => [at.block, at.length, at.material, n])).toEqual(
    [1, 2, 4].map((block) => [block, 7, "pairs", 12]),
  );
  for (const { value, se } of curve) {
    expect(Math.abs(value as number)).toBeGreaterThan(1e-3);
    expect(se).toBeGreaterThan(0);
  }
  const reference = referenceOf(model, params);
  const likeliest = pairs.map(({ context }) => {
    const logits = referenceLogits(reference, context).at(-1) as readonly number[];
    return logits.indexOf(Math.max(...logits));
  });
  const agree = likeliest.flatMap((a, i) => likeliest.map((b, j) => (i !== j && a === b ? 1 : 0)));
  const chance = rows.find(({ metric }) => metric === "permutation_acceptance_chance");
  expect(chance?.value).toBeCloseTo(agree.reduce((sum: number, one) => sum + one, 0) / 12, 12);
  disposeTree(params);
});

/** Rows of random tokens; the second half of the first one is padding. */
const windows: Windows = {
  split: "text",
  seed: 1,
  window(_index, size, length) {
    const all = Int32Array.from(someTokens(size, length + 1, 9).flat());
    const part = (from: number) =>
      Int32Array.from({ length: size * length }, (_, i) => {
        const row = Math.floor(i / length);
        return all[row * (length + 1) + (i % length) + from] as number;
      });
    const weights = new Float32Array(size * length).fill(1).fill(0, length / 2, length);
    return { tokens: part(0), targets: part(1), weights, batch: size, length };
  },
};

describe.each([
  { attention: "causal", layers: 1 },
  { attention: "bidirectional", layers: 2 },
])("$attention without positions, $layers layers", (fields) => {
  test("no order costs anything and every permutation is accepted; the confounded shuffle costs what the query does", async () => {
    const model = smallModel({ kind: "none" }, { ...fields, context: 9 });
    const params = livelyParams(model);
    const rows = await ask(model, params, { windows }, { contexts: 6, permutations: 4, tokens: 8 });
    const values = (metric: string) =>
      rows.filter((row) => row.metric === metric).map(({ value }) => value as number);
    const costs = values("block_shuffle_delta_nll");
    expect(costs).toHaveLength(3);
    for (const cost of costs) expect(Math.abs(cost)).toBeLessThan(1e-6);
    expect(values("effective_order_range")).toEqual([null]);
    for (const metric of ["permutation_acceptance", "permutation_acceptance_any"])
      expect(values(metric)).toEqual([1]);
    const [gap] = values("confounded_gap");
    if (fields.attention === "causal") expect(Math.abs(gap as number)).toBeGreaterThan(0.01);
    else expect(Math.abs(gap as number)).toBeLessThan(1e-6);
    disposeTree(params);
  });
});

test("contexts too short to shuffle are refused in words", async () => {
  const model = smallModel({ kind: "none" }, { layers: 1 });
  const params = livelyParams(model);
  const pair = { context: [0, 1, 2], swapped: [0, 1, 2], answer: 3 }; // the first is fixed, the last stays
  await expect(ask(model, params, { pairs: pairsOf([pair]) }, {})).rejects.toThrow(
    "no context has two tokens that could change places before its last one",
  );
  disposeTree(params);
});
