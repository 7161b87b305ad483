/**
 * Needles: the contexts that are compared, scores against scalar losses, and 0.5 exactly for a
 * model that is blind to order.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import { metrics } from "../../src/probes/index.ts";
import { drawNeedles, needleContexts } from "../../src/probes/needle-cases.ts";
import { runProbe } from "../../src/probes/run.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel, V } from "../model/small.ts";
import * as reference from "./reference-losses.ts";

/** Decimals: float32 against doubles, over a hundred or so sums of numbers of size 1 to 10. */
const ROUNDING = 4;
const L = 10;
const SIZES = { factors: [1], needles: 4, depths: 3 };
const text = { windows: reference.randomText(120) };
const { tokenizer } = reference;

beforeAll(() => startTestEngine());

test("both contexts have the same tokens; the pairs lie at their depth and take turns to be first", () => {
  const needles = drawNeedles({ tokenizer, material: text }, 4, 20, createRng(1, "test/needles"));
  for (const one of needles) {
    const { a, b, c, d } = one;
    expect(new Set([a, b, c, d]).size).toBe(4);
    expect(one.haystack).toHaveLength(20);
    for (const id of [a, b, c, d]) expect(one.haystack).not.toContain(id);
    for (const [depth, at] of [
      [0, 1],
      [0.5, 3],
      [1, 5],
    ] as const) {
      const [told, swapped] = needleContexts(one, 10, depth);
      expect(told).toHaveLength(10);
      expect([...swapped].sort()).toEqual([...told].sort());
      expect(told.at(-1)).toBe(a);
      const block = one.reversed ? [c, d, a, b] : [a, b, c, d];
      expect(told.slice(at, at + 4)).toEqual(block);
      expect(swapped[told.indexOf(a) + 1]).toBe(d);
    }
  }
  expect(needles.map(({ reversed }) => reversed)).toEqual([false, true, false, true]);
});

test("without a text the haystack is of random words, none special, after the opening token", () => {
  const words = wordsTokenizer(["<bos>", "<pad>", ..."abcdefg"]);
  const [one] = drawNeedles({ tokenizer: words, material: {} }, 1, 30, createRng(1, "test/needles"));
  expect(one?.haystack[0]).toBe(words.bos);
  expect(one?.haystack).toHaveLength(30);
  for (const id of one?.haystack.slice(1) ?? []) expect([words.bos, words.pad]).not.toContain(id);
  const few = wordsTokenizer(["<bos>", ..."abcd"]);
  expect(drawNeedles({ tokenizer: few, material: {} }, 1, 30, createRng(1, "test/needles"))).toEqual([]);
});

test("scores, accuracies and the ends of the curve are those of scalar loops", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 2, width: 8, context: L });
  const params = livelyParams(model);
  const before = tf.memory().numTensors;
  const rows = await runProbe("needle", { model, params, tokenizer, material: text }, 1, SIZES);
  expect(tf.memory().numTensors).toBe(before);
  const scalar = reference.referenceOf(model, params);
  const needles = drawNeedles({ tokenizer, material: text }, 4, L, createRng(1, "probes/needle"));
  const byDepth = [0, 0.5, 1].map((depth) =>
    needles.map((one) => {
      const [told, swapped] = needleContexts(one, L, depth).map(
        (context) => reference.referenceLogProbs(scalar, context).at(-1) as number[],
      );
      const gap = (row: number[] | undefined) => (row?.[one.b] as number) - (row?.[one.d] as number);
      return [gap(told), -gap(swapped)] as const;
    }),
  );
  const credits = byDepth.map((all) => all.map(([s, t]) => (Number(s > 0) + Number(t > 0)) / 2));
  byDepth.forEach((all, i) => {
    const at = (metric: string) => rows.find((row) => row.metric === metric && row.at.depth === i / 2);
    const scores = all.map(([s, t]) => (s + t) / 2);
    expect(at("needle_score")?.value).toBeCloseTo(reference.meanOf(scores), ROUNDING);
    expect(at("needle_score")?.se).toBeCloseTo(reference.errorOf(scores), ROUNDING);
    expect(Math.abs(at("needle_score")?.value as number)).toBeGreaterThan(1e-3);
    expect(at("needle_accuracy")?.value).toBeCloseTo(reference.meanOf(credits[i] as number[]), 9);
  });
  for (const [metric, end] of [
    ["primacy", 0],
    ["recency", 2],
  ] as const) {
    const differences = credits[1]?.map((middle, k) => (credits[end]?.[k] as number) - middle) as number[];
    const row = rows.find((one) => one.metric === metric);
    expect(row?.value).toBeCloseTo(reference.meanOf(differences), 9);
    expect(row?.se).toBeCloseTo(reference.errorOf(differences), 9);
  }
  disposeTree(params);
});

describe.each([
  ["one causal layer without positions", { layers: 1 }],
  ["two bidirectional layers without positions", { layers: 2, attention: "bidirectional" }],
])("%s", (_title, fields) => {
  test("chooses right half of the time, exactly", async () => {
    const masked = wordsTokenizer([..."abcdefghij", "<mask>"].slice(0, V));
    const model = smallModel({ kind: "none" }, { width: 8, context: L, ...fields });
    const params = livelyParams(model);
    const rows = await runProbe("needle", { model, params, tokenizer: masked, material: {} }, 1, SIZES);
    expect(rows.length).toBeGreaterThan(0);
    for (const { metric, value } of rows)
      expect(value).toBeCloseTo(metrics[metric]?.null?.value ?? Number.NaN, 6);
    disposeTree(params);
  });
});

test("a table is read under each policy past L_max, and once within it; lengths too short are left out", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 1, width: 8, context: L });
  const params = livelyParams(model);
  const sizes = { ...SIZES, needles: 2, factors: [0.5, 1, 1.5] };
  const rows = await runProbe("needle", { model, params, tokenizer, material: text }, 1, sizes);
  const scores = rows.filter(({ metric, at }) => metric === "needle_score" && at.depth === 1);
  expect(scores.map(({ at }) => at.length)).toEqual(Array(5).fill([10, 15]).flat());
  const at = (length: number) =>
    new Set(scores.filter((row) => row.at.length === length).map(({ value }) => value));
  expect([at(10).size, at(15).size]).toEqual([1, 5]);
  disposeTree(params);
});
