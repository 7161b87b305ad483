/** Windows and contexts of several lengths, against losses in scalar double precision. */
import { beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import { matchedTargets, windowsOver } from "../../src/probes/windows-material.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import * as reference from "./reference-losses.ts";

/** Decimals: float32 against doubles, over a hundred or so sums of numbers of size 1 to 10. */
const ROUNDING = 4;
const L = 4;
const N = 8;
const STRETCHES = 3;
const TARGETS = 12;
const SIZES = { factors: [0.5, 1, 2], stretches: STRETCHES, targets: TARGETS, stride: 0.5 };

beforeAll(() => startTestEngine());

test("windows score each token once: side by side, sliding, and where neither divides the stretch", () => {
  for (const [n, length, stride] of [
    [8, 4, 4],
    [8, 4, 2],
    [9, 4, 4],
    [9, 4, 2],
    [10, 4, 3],
    [3, 8, 8],
  ] as const) {
    const windows = windowsOver(n, length, stride);
    const scored = windows.flatMap(({ scored, end }) =>
      Array.from({ length: end - scored }, (_, i) => scored + i),
    );
    expect(scored).toEqual(Array.from({ length: n }, (_, t) => t));
    for (const { start, end } of windows) expect(end - start).toBeLessThanOrEqual(length);
    if (stride < length) for (const { start, end } of windows) expect(end - start).toBe(Math.min(n, length));
  }
});

describe("a causal model", () => {
  const windows = reference.randomText(80);
  let rows: Measurement[];
  /** −log p of the last token of a sequence, given the others. */
  let last: (sequence: readonly number[]) => number;
  let nllOf: (sequence: readonly number[]) => number[];

  beforeAll(async () => {
    const model = smallModel({ kind: "alibi" }, { layers: 1, width: 8, context: L });
    const params = livelyParams(model);
    const scalar = reference.referenceOf(model, params);
    nllOf = (sequence) => reference.referenceNll(scalar, sequence);
    last = (sequence) => nllOf(sequence).at(-1) as number;
    const { tokenizer } = reference;
    const before = tf.memory().numTensors;
    // Every target that the long context makes likelier counts as a key token here, but for the unlikeliest.
    const sizes = { ...SIZES, lsd: 0, likelihood: -4 };
    rows = await runProbe("windows", { model, params, tokenizer, material: { windows } }, 1, sizes);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(params);
  });

  const rowAt = (metric: string, at: object) => {
    const found = rows.filter(
      (row) => row.metric === metric && Object.entries(at).every(([k, v]) => row.at[k] === v),
    );
    expect(found).toHaveLength(1);
    return found[0] as Measurement;
  };

  /** Each stretch with its last target, (STRETCHES, N + 1). */
  const stretches = () => {
    const { tokens, targets } = windows.window(0, STRETCHES, N);
    return Array.from({ length: STRETCHES }, (_, s) => [
      tokens[s * N] as number,
      ...targets.subarray(s * N, (s + 1) * N),
    ]);
  };

  test.each([
    [2, 2],
    [4, 4],
    [4, 2],
    [8, 8],
  ])("loss in windows of %i with stride %i is the mean over all tokens", (length, stride) => {
    const sums = stretches().map((sequence) => {
      let sum = 0;
      for (let t = 0; t < N; t++) {
        // the window that scores token t first
        const begin = Math.ceil(Math.max(0, t + 1 - length) / stride) * stride;
        sum += last(sequence.slice(begin, t + 2));
      }
      return sum / N;
    });
    const row = rowAt("window_nll", { length, stride });
    expect(row.value).toBeCloseTo(reference.meanOf(sums), ROUNDING);
    expect(row.se).toBeCloseTo(reference.errorOf(sums), ROUNDING);
    expect(row.n).toBe(STRETCHES);
  });

  test("the cost of early tokens is the difference of the two, and is not 0", () => {
    const [beside, sliding] = [4, 2].map(
      (stride) => rowAt("window_nll", { length: 4, stride }).value as number,
    );
    const { value } = rowAt("early_token_cost", { length: 4 });
    expect(value).toBeCloseTo((beside as number) - (sliding as number), 6);
    expect(Math.abs(value as number)).toBeGreaterThan(1e-3);
  });

  test("matched losses, their difference and the perplexity of key tokens are those of the same targets", () => {
    const { tokens, targets } = windows.window(1, TARGETS, N + L);
    const at = (c: number) =>
      Array.from({ length: TARGETS }, (_, row) => {
        const end = (row + 1) * (N + L);
        return last([...tokens.subarray(end - c, end), targets[end - 1] as number]);
      });
    for (const c of [2, 4, 8]) {
      const row = rowAt("matched_nll", { length: c });
      expect(row.value).toBeCloseTo(reference.meanOf(at(c)), ROUNDING);
      expect(row.se).toBeCloseTo(reference.errorOf(at(c)), ROUNDING);
    }
    const [short, long] = [at(2), at(8)];
    const lsd = long.map((nll, i) => (short[i] as number) - nll);
    const where = { length: 8, from: 2 };
    expect(rowAt("lsd", where).value).toBeCloseTo(reference.meanOf(lsd), ROUNDING);
    expect(rowAt("lsd", where).se).toBeCloseTo(reference.errorOf(lsd), ROUNDING);
    const key = long.filter((nll, i) => (lsd[i] as number) > 0 && nll < 4);
    expect(key.length).toBeGreaterThan(0);
    expect(key.length).toBeLessThan(TARGETS);
    expect(rowAt("key_share", where).value).toBeCloseTo(key.length / TARGETS, 12);
    expect(rowAt("long_ppl", where).value).toBeCloseTo(Math.exp(reference.meanOf(key)), ROUNDING - 1);
  });
});

test("a table is read under each policy past L_max, and once within it", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 1, width: 8, context: L });
  const params = livelyParams(model);
  const subject = {
    model,
    params,
    tokenizer: reference.tokenizer,
    material: { windows: reference.randomText(80) },
  };
  const rows = await runProbe("windows", subject, 1, { ...SIZES, factors: [1, 2] });
  const losses = (length: number) =>
    rows.filter(({ metric, at }) => metric === "matched_nll" && at.length === length);
  expect(new Set(losses(L).map(({ at }) => at.beyond)).size).toBe(5);
  expect(new Set(losses(L).map(({ value }) => value)).size).toBe(1);
  expect(new Set(losses(2 * L).map(({ value }) => value)).size).toBe(5);
  expect(rows.find(({ metric }) => metric === "long_ppl")?.value).toBeNull(); // nothing is 2 nats likelier
  disposeTree(params);
});

test("a masked model answers at a mask in the middle of its context", async () => {
  const words = wordsTokenizer([..."abcdefghi", "<mask>", "<pad>"]);
  const model = smallModel({ kind: "none" }, { layers: 1, width: 8, context: L, attention: "bidirectional" });
  const params = livelyParams(model);
  const windows = reference.randomText(80, 6);
  const subject = { model, params, tokenizer: words, material: { windows } };
  const asked = matchedTargets(subject, windows, 20, { longest: N, spare: L });
  expect(asked.length).toBeLessThan(20); // those that would hide <mask> or <pad> are left out
  const mask = words.mask as number;
  const rows = await runProbe("windows", subject, 1, { ...SIZES, factors: [1], targets: 20 });
  const scalar = reference.referenceOf(model, params);
  const measured = rows.find(({ metric }) => metric === "matched_nll") as Measurement;
  const { tokens: own } = windows.window(1, 20, 2 * L);
  const expected = Array.from({ length: 20 }, (_, row) => [...own.subarray(row * 2 * L, (row + 1) * 2 * L)])
    .map((all) => ({ context: all.slice(4), target: all[6] as number }))
    .filter(({ target }) => target !== mask && target !== words.pad)
    .map(({ context, target }) => {
      const hidden = context.map((token, i) => (i === 2 ? mask : token));
      return -(reference.referenceLogProbs(scalar, hidden)[2]?.[target] as number);
    });
  expect(measured.n).toBe(expected.length);
  expect(measured.value).toBeCloseTo(reference.meanOf(expected), ROUNDING);
  disposeTree(params);
});
