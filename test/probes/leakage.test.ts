/**
 * How much of attention at a fixed distance the absolute position explains: exactly nothing, and
 * against a definition in loops.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../src/node/native/engines.ts";
import { addMap, leakageOf, openSums } from "../../src/probes/leakage.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import { meanOf, scalarAttention, someWords, subjectReading, valueAt } from "./scalar-attention.ts";

const contexts = someWords(4, 6);

beforeAll(async () => {
  await startEngine("cpu"); // tiny models, and nothing to compile
});

const ask = async (position: object, fields: object = {}) => {
  const model = smallModel(position as { kind: string }, { layers: 2, ...fields });
  const params = livelyParams(model);
  const subject = subjectReading(model, params, contexts);
  return { model, params, rows: await runProbe("leakage", subject, 1, { contexts: 4, length: 6, words: 3 }) };
};

const fedOneWord = (rows: readonly Measurement[], metric: string, layers: readonly number[]) =>
  rows
    .filter(
      ({ metric: name, at }) =>
        name === metric && at.fed === "one word" && layers.includes(at.layer as number),
    )
    .map(({ value }) => Math.abs(value as number));

/** The definition, in loops over contexts, distances and queries. */
function leakageByHand(maps: readonly number[][][], causal: boolean): number {
  const T = (maps[0] as number[][]).length;
  let [explained, varied] = [0, 0];
  for (let distance = causal ? 0 : 1 - T; distance < T; distance++) {
    const queries = [...Array(T).keys()].filter((i) => i - distance >= 0 && i - distance < T);
    const at = (map: number[][], i: number) => map[i]?.[i - distance] as number;
    const overHalf = (half: number) =>
      queries.map((i) => meanOf(maps.filter((_, c) => c % 2 === half).map((map) => at(map, i))));
    const [first, second] = [overHalf(0), overHalf(1)];
    const mean = meanOf(queries.flatMap((i) => maps.map((map) => at(map, i))));
    queries.forEach((i, k) => {
      explained += ((first[k] as number) - meanOf(first)) * ((second[k] as number) - meanOf(second));
      varied += meanOf(maps.map((map) => (at(map, i) - mean) ** 2));
    });
  }
  return explained / varied;
}

describe.each([true, false])("causal: %s", (causal) => {
  const attention = causal ? "causal" : "bidirectional";

  test("on text, pattern and scores are as defined", async () => {
    const { model, params, rows } = await ask({ kind: "none" }, { attention });
    const scalar = contexts.map((tokens) => scalarAttention(model, params, tokens));
    for (const [layer, head] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const at = { fed: "text", layer, head };
      const patterns = scalar.map(({ pattern }) => pattern[layer]?.[head] as number[][]);
      const scores = scalar.map((one) => one.scores[layer]?.[head] as number[][]);
      expect(valueAt(rows, "pattern_leakage", at)).toBeCloseTo(leakageByHand(patterns, causal), 4);
      expect(valueAt(rows, "score_leakage", at)).toBeCloseTo(leakageByHand(scores, causal), 4);
    }
  });

  test("fed one word, scores of a model without positions leak nothing in any block", async () => {
    const { rows } = await ask({ kind: "none" }, { attention });
    expect(Math.max(...fedOneWord(rows, "score_leakage", [0, 1]))).toBeLessThan(1e-6);
    const patterns = fedOneWord(rows, "pattern_leakage", [0, 1]);
    if (causal)
      expect(Math.min(...patterns)).toBeGreaterThan(0.9); // 1/(i + 1)
    else expect(patterns).toEqual([0, 0, 0, 0]);
  });

  test.each(causal ? ["alibi", "rope"] : ["t5", "relative"])(
    "fed one word, scores of %s leak nothing in the first block",
    async (kind) => {
      const { rows } = await ask({ kind }, { attention, layers: 1 });
      expect(Math.max(...fedOneWord(rows, "score_leakage", [0]))).toBeLessThan(1e-6);
    },
  );
});

test("of random words nothing but their places can leak: little without positions, much of sinusoids", async () => {
  const size = { contexts: 64, length: 6, words: 3 };
  const leaks = async (kind: string) => {
    const model = smallModel({ kind }, { layers: 1, attention: "bidirectional", width: 8 });
    const rows = await runProbe("leakage", subjectReading(model, livelyParams(model), contexts), 1, size);
    const found = rows.filter(({ metric, at }) => metric === "pattern_leakage" && at.fed === "random words");
    return found.map(({ value }) => value as number);
  };
  for (const leak of await leaks("none")) expect(Math.abs(leak)).toBeLessThan(0.05); // chance of 64 contexts
  expect(Math.max(...(await leaks("sinusoidal")))).toBeGreaterThan(0.1);
});

test("positions that are added to the words leak into scores", async () => {
  const { rows } = await ask({ kind: "learned" }, { layers: 1 });
  expect(Math.min(...fedOneWord(rows, "score_leakage", [0]))).toBeGreaterThan(0.2);
});

test("one half without contexts leaves no value, and maps without variance leak nothing", () => {
  const sums = openSums(2);
  addMap(sums, [1, 0, 0.5, 0.5], 0);
  expect(leakageOf(sums, { causal: false })).toBeNull();
  const still = openSums(2);
  for (const half of [0, 1]) addMap(still, [0.5, 0.5, 0.5, 0.5], half);
  expect(leakageOf(still, { causal: false })).toBe(0);
  const moving = openSums(2);
  for (const half of [0, 1]) addMap(moving, [1, 0, 0.5, 0.5], half);
  expect(leakageOf(moving, { causal: true })).toBeCloseTo(1, 9);
});
