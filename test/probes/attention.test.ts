/** Where heads look, against loops over the reference's patterns. */
import { beforeAll, describe, expect, test } from "vitest";
import { slopes } from "../../src/encodings/alibi.ts";
import { rangesOf } from "../../src/probes/attention.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import {
  meanOf,
  scalarAttention,
  someWords,
  subjectReading,
  tokenizer,
  valueAt,
} from "./scalar-attention.ts";

const ROUNDING = 1e-5; // float32 weights against doubles
const contexts = someWords(3, 7);
const T = 7;

beforeAll(async () => {
  await startTestEngine();
});

const ask = (model: ReturnType<typeof smallModel>, params: Params, read = contexts) =>
  runProbe("attention", subjectReading(model, params, read), 1, {
    contexts: read.length,
    length: read[0]?.length,
  });

/** The mean over contexts of what `of` makes of one pattern, (T,T). */
const overContexts = (patterns: readonly number[][][], of: (A: number[][]) => number) =>
  meanOf(patterns.map(of));

describe.each([true, false])("causal: %s", (causal) => {
  const attention = causal ? "causal" : "bidirectional";
  const keysOf = (i: number) => (causal ? i + 1 : T);
  const each = [...Array(T).keys()];
  let rows: readonly Measurement[];
  let patternsAt: (layer: number, head: number) => number[][][];
  beforeAll(async () => {
    const model = smallModel({ kind: "alibi" }, { layers: 2, attention });
    const params = livelyParams(model);
    const m = slopes(2);
    const bias = (_layer: number, head: number, i: number, j: number) =>
      -(m[head] as number) * Math.abs(i - j);
    const scalar = contexts.map((tokens) => scalarAttention(model, params, tokens, { bias }));
    patternsAt = (layer, head) => scalar.map(({ pattern }) => pattern[layer]?.[head] as number[][]);
    rows = await ask(model, params);
  });

  test("every metric is its definition", () => {
    for (const [layer, head] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const A = patternsAt(layer, head);
      const value = (metric: string) => valueAt(rows, metric, { layer, head });
      const byQuery = (of: (row: number[], i: number) => number, from = 0) =>
        overContexts(A, (pattern) => meanOf(each.slice(from).map((i) => of(pattern[i] as number[], i))));
      const distance = byQuery((row, i) => row.reduce((sum, a, j) => sum + a * Math.abs(i - j), 0));
      const nats = (row: number[]) => -row.reduce((sum, a) => sum + (a === 0 ? 0 : a * Math.log(a)), 0);
      expect(value("mean_distance")).toBeCloseTo(distance, 5);
      expect(value("mean_distance_share")).toBeCloseTo(distance / T, 5);
      expect(value("attention_entropy")).toBeCloseTo(byQuery(nats), 5);
      const share = byQuery((row, i) => nats(row) / Math.log(keysOf(i)), causal ? 1 : 0);
      expect(value("attention_entropy_share")).toBeCloseTo(share, 5);
      expect(value("first_token_attention")).toBeCloseTo(
        byQuery((row) => row[0] as number, 1),
        5,
      );
    }
  });

  test("by distance, and over what an even attention gives", () => {
    const A = patternsAt(1, 1);
    for (let distance = causal ? 0 : 1 - T; distance < T; distance++) {
      const queries = each.filter((i) => i - distance >= 0 && i - distance < T);
      const weight = overContexts(A, (pattern) =>
        meanOf(queries.map((i) => pattern[i]?.[i - distance] as number)),
      );
      const even = meanOf(queries.map((i) => 1 / keysOf(i)));
      const at = { layer: 1, head: 1, distance };
      expect(Math.abs(valueAt(rows, "attention_by_distance", at) - weight)).toBeLessThan(ROUNDING);
      expect(Math.abs(valueAt(rows, "attention_over_even", at) - weight / even)).toBeLessThan(10 * ROUNDING);
    }
    expect(rows.filter(({ metric }) => metric === "attention_by_distance")).toHaveLength(
      4 * (causal ? T : 2 * T - 1),
    );
  });

  test("says how sure each mean is", () => {
    const A = patternsAt(0, 1);
    const values = A.map((pattern) => meanOf(each.slice(1).map((i) => pattern[i]?.[0] as number)));
    const variance = values.reduce((sum, one) => sum + (one - meanOf(values)) ** 2, 0) / 2;
    const row = rows.find(
      ({ metric, at }) => metric === "first_token_attention" && at.layer === 0 && at.head === 1,
    );
    expect(row?.n).toBe(3);
    expect(row?.se as number).toBeCloseTo(Math.sqrt(variance / 3), 6);
  });
});

test.each(["causal", "bidirectional"])(
  "%s: queries of zero attend evenly, whatever the content",
  async (attention) => {
    const model = smallModel({ kind: "none" }, { layers: 1, attention });
    const params = livelyParams(model);
    const name = "h.0.attn.c_attn";
    const [C, N] = (params[`${name}.weight`] as tf.Tensor).shape as [number, number];
    const keep = tf.concat([tf.zeros([C]), tf.ones([N - C])]);
    const still = {
      ...params,
      [`${name}.weight`]: tf.mul(params[`${name}.weight`] as tf.Tensor, keep),
      [`${name}.bias`]: tf.mul(params[`${name}.bias`] as tf.Tensor, keep),
    };
    const of = (rows: readonly Measurement[]) =>
      rows
        .filter(({ metric }) => /over_even|entropy_share/.test(metric))
        .map(({ value }) => Math.abs((value as number) - 1));
    expect(Math.max(...of(await ask(model, still)))).toBeLessThan(1e-6);
    expect(Math.max(...of(await ask(model, params)))).toBeGreaterThan(0.01);
  },
);

test("padding at the end of a context is not read", async () => {
  const model = smallModel({ kind: "none" }, { layers: 1 });
  const params = livelyParams(model);
  const padded = contexts.map((row) => [
    ...row.slice(0, 5),
    tokenizer.pad as number,
    tokenizer.pad as number,
  ]);
  const short = contexts.map((row) => row.slice(0, 5));
  expect(await ask(model, params, padded)).toEqual(await ask(model, params, short));
});

test("far distances are averaged in ranges, four an octave, up to the last", () => {
  expect(rangesOf(3, true)).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  expect(rangesOf(3, false).map(([from]) => from)).toEqual([-2, -1, 0, 1, 2]);
  expect(rangesOf(75, true).slice(31)).toEqual([
    [31, 31],
    [32, 39],
    [40, 47],
    [48, 55],
    [56, 63],
    [64, 74],
  ]);
});
