/** Rows of the probe of order: their standard errors, and the alignment of the two sets of states. */
import { beforeAll, describe, expect, test } from "vitest";
import type { OrderPair } from "../../src/data/index.ts";
import { linearCka } from "../../src/probes/cka.ts";
import { createReader } from "../../src/probes/reader.ts";
import { runProbe } from "../../src/probes/run.ts";
import { errorOver } from "../../src/probes/shuffle.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel, someTokens, V } from "../model/small.ts";

beforeAll(() => startTestEngine());

/** Sums of a dozen doubles. */
const ROUNDING = 1e-12;

describe("linear CKA", () => {
  const rng = createRng(1, "test/cka");
  const rows = (n: number, width: number) =>
    Array.from({ length: n }, () => Array.from({ length: width }, () => rng.normal()));

  test("is ‖XᵀY‖² / (‖XᵀX‖·‖YᵀY‖) of centred columns", () => {
    const [x, y] = [rows(7, 3), rows(7, 2)];
    const centred = (all: readonly number[][]) =>
      all.map((row) =>
        row.map((value, c) => value - all.reduce((sum, one) => sum + (one[c] as number), 0) / all.length),
      );
    const squared = (p: readonly number[][], q: readonly number[][]) => {
      let sum = 0;
      for (let i = 0; i < (p[0] as number[]).length; i++) {
        for (let j = 0; j < (q[0] as number[]).length; j++) {
          const entry = p.reduce(
            (s, row, r) => s + (row[i] as number) * ((q[r] as number[])[j] as number),
            0,
          );
          sum += entry * entry;
        }
      }
      return sum;
    };
    const [X, Y] = [centred(x), centred(y)];
    const expected = squared(X, Y) / Math.sqrt(squared(X, X) * squared(Y, Y));
    expect(Math.abs(linearCka(x, y) - expected)).toBeLessThan(ROUNDING);
    expect(expected).toBeLessThan(0.9);
  });

  test("is 1 of a set and the same set turned, scaled and moved", () => {
    const x = rows(6, 2);
    const turned = x.map(([a = 0, b = 0]) => [3 - 2 * b, 5 + 2 * a]);
    expect(Math.abs(linearCka(x, turned) - 1)).toBeLessThan(ROUNDING);
  });

  test("is undefined where all rows are one, whatever rounding leaves of them", () => {
    const same = Array.from({ length: 7 }, () => [0.1, 1 / 3]);
    expect(linearCka(same, rows(7, 2))).toBeNaN();
  });
});

test("the standard error of grouped cases is that of the groups' means", () => {
  expect(errorOver([1, 3, 5, 7, 9, 11], 2)).toBeCloseTo(4 / Math.sqrt(3), 12); // means 2, 6, 10
  expect(errorOver([1, 3], 2)).toBeNull();
});

/** Pairs of a context and the same with two tokens exchanged, all of one last token. */
function somePairs(count: number): OrderPair[] {
  return someTokens(count, 5, 3).map((tokens) => {
    const context = [...tokens, 1];
    const swapped = [...context];
    [swapped[0], swapped[3]] = [context[3] as number, context[0] as number];
    return { context, swapped, answer: context[2] as number };
  });
}
const tokenizer = { vocabSize: V, mask: V - 1 } as never;
const material = (pairs: readonly OrderPair[]) => ({
  pairs: { fixed: 0, splits: ["file"], of: () => pairs },
});
const SIZES = { examples: 12, shuffledContexts: 3, strata: 1, permutations: 2 };

test("rows carry the spread of their cases, and values without one are one number of all", async () => {
  const model = smallModel({ kind: "learned" });
  const params = livelyParams(model);
  const pairs = somePairs(12);
  const subject = { model, params, tokenizer, material: material(pairs) };
  const rows = await runProbe("order", subject, 1, SIZES);
  const of = (name: string) => rows.filter(({ metric }) => metric === name);
  const reader = createReader(subject);
  const [told, swapped] = [
    await reader.read(pairs.map(({ context }) => context)),
    await reader.read(pairs.map((pair) => pair.swapped)),
  ];
  reader.close();
  const scores = pairs.map(
    ({ answer }, i) => (told[i]?.logProbs[answer] as number) - (swapped[i]?.logProbs[answer] as number),
  );
  const mean = scores.reduce((sum, s) => sum + s, 0) / 12;
  const deviations = scores.reduce((sum, s) => sum + (s - mean) ** 2, 0);
  const [score] = of("swap_score");
  expect(score?.value).toBeCloseTo(mean, 12);
  expect(score?.se).toBeCloseTo(Math.sqrt(deviations / 11 / 12), 12);
  const cka = of("hidden_cka");
  expect(cka.map(({ at, n, se }) => [at.layer, n, se])).toEqual([0, 1, 2].map((layer) => [layer, 12, null]));
  expect(cka[0]?.value).toBeNull(); // the embedding of one token at one position
  for (const { value } of cka.slice(1)) {
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1 - 1e-3);
  }
  for (const { metric, se } of rows.filter((row) => row.metric !== "hidden_cka"))
    expect(se, metric).toBeGreaterThanOrEqual(0);
  disposeTree(params);
});

test("pairs of one topic are one case of a standard error, and each one of n", async () => {
  const model = smallModel({ kind: "learned" });
  const params = livelyParams(model);
  const once = somePairs(4).map((pair, i) => ({ ...pair, topic: `${i}` }));
  const of = async (pairs: readonly OrderPair[]) => {
    const subject = { model, params, tokenizer, material: material(pairs) };
    const rows = await runProbe("order", subject, 1, SIZES);
    return rows.find(({ metric }) => metric === "swap_score");
  };
  const [one, thrice] = [await of(once), await of([...once, ...once, ...once])]; // which tells no more
  expect(thrice?.value).toBeCloseTo(one?.value as number, 12);
  expect(thrice?.se).toBeCloseTo(one?.se as number, 12);
  expect([one?.n, thrice?.n]).toEqual([4, 12]);
  disposeTree(params);
});

test.each([
  { attention: "causal", layers: 1 },
  { attention: "bidirectional", layers: 2 },
])(
  "$attention without positions, $layers layers: the states of stories and swaps have CKA 1",
  async (fields) => {
    const model = smallModel({ kind: "none" }, fields);
    const params = livelyParams(model);
    const subject = { model, params, tokenizer, material: material(somePairs(12)) };
    const rows = await runProbe("order", subject, 1, SIZES);
    const cka = rows.filter(({ metric, at }) => metric === "hidden_cka" && at.layer !== 0);
    expect(cka).toHaveLength(fields.layers);
    for (const { value } of cka) expect(Math.abs((value as number) - 1)).toBeLessThan(1e-6);
    disposeTree(params);
  },
);
