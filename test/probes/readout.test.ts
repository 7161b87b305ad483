/** The readout of positions against a solution by elimination, and what cannot be read at all. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Windows } from "../../src/data/index.ts";
import type { Model } from "../../src/model/model.ts";
import { addRows, noMoments, predict, ridge } from "../../src/probes/ridge.ts";
import { runProbe } from "../../src/probes/run.ts";
import { ratioWithError } from "../../src/tensor/numbers.ts";
import type { Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel, someTokens, V } from "../model/small.ts";
import { referenceOf, tokenizer } from "./referenced.ts";

beforeAll(() => startTestEngine());

/** float32 states in sums of doubles. */
const ROUNDING = 1e-5;
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

/**
 * Ridge on standardized features, solved by Gauss-Jordan elimination: a function from a row to its
 * target.
 */
function eliminated(x: readonly (readonly number[])[], y: readonly number[], alpha: number) {
  const C = (x[0] as readonly number[]).length;
  const columns = Array.from({ length: C }, (_, c) => x.map((row) => row[c] as number));
  const means = columns.map(mean);
  const deviations = columns.map((column, c) =>
    Math.sqrt(mean(column.map((v) => (v - (means[c] as number)) ** 2))),
  );
  const z = (row: readonly number[]) =>
    row.map((v, c) => (v - (means[c] as number)) / (deviations[c] as number));
  const Z = x.map(z);
  const middle = mean(y);
  const rows = Array.from({ length: C }, (_, i) => [
    ...Array.from(
      { length: C },
      (_, j) => mean(Z.map((r) => (r[i] as number) * (r[j] as number))) + (i === j ? alpha : 0),
    ),
    mean(Z.map((r, n) => (r[i] as number) * ((y[n] as number) - middle))),
  ]);
  for (let i = 0; i < C; i++) {
    const pivot = rows[i] as number[];
    const head = pivot[i] as number;
    for (let j = 0; j <= C; j++) pivot[j] = (pivot[j] as number) / head;
    for (const [k, other] of rows.entries()) {
      const factor = other[i] as number;
      if (k !== i)
        for (let j = 0; j <= C; j++) other[j] = (other[j] as number) - factor * (pivot[j] as number);
    }
  }
  const weights = rows.map((row) => row[C] as number);
  return (row: readonly number[]) => z(row).reduce((sum, v, c) => sum + v * (weights[c] as number), middle);
}

test("ridge is the solution of (R + αI)w = r, and a feature that does not vary weighs nothing", () => {
  const rng = createRng(1, "test/ridge");
  const x = Array.from({ length: 9 }, () =>
    [rng.normal(), 3 + 2 * rng.normal(), rng.normal()].map(Math.fround),
  );
  const y = x.map(([a = 0, b = 0]) => a - b + rng.normal());
  const expected = eliminated(x, y, 0.1);
  const moments = noMoments(4, 1);
  const wide = Float32Array.from(x.flatMap((row) => [...row, 0.1]));
  const rows = x.map((_, i) => i);
  addRows(
    moments,
    wide,
    rows.slice(0, 5),
    y.slice(0, 5).map((v) => [v]),
  );
  addRows(
    moments,
    wide,
    rows.slice(5),
    y.slice(5).map((v) => [v]),
  );
  const found = ridge(moments, 0.1);
  expect(found.weights[3]).toBe(0);
  for (const i of rows) expect(predict(found, wide, i, 0)).toBeCloseTo(expected(x[i] as number[]), 9);
});

test("a ratio of sums and its error: Σa/Σb, and √(n/(n−1)·Σ(a − R·b)²)/Σb", () => {
  const { value, n, se } = ratioWithError([1, 2, 3], [2, 2, 4]);
  expect([value, n]).toEqual([0.75, 3]);
  expect(se).toBeCloseTo(Math.sqrt((3 / 2) * (0.25 + 0.25 + 0)) / 8, 12);
  expect(ratioWithError([-1, -2, -3], [-2, -2, -4]).se).toBeCloseTo(se ?? 0, 12);
  expect(ratioWithError([1], [0]).value).toBeNaN();
  expect(ratioWithError([1, 2], [1, -1])).toEqual({ value: Number.NaN, n: 2, se: null });
});

/** Rows of tokens that `make` gives. */
const windowsOf = (make: (size: number, length: number, index: number) => number[][]): Windows => ({
  split: "text",
  seed: 1,
  window: (index, size, length) => {
    const tokens = Int32Array.from(make(size, length, index).flat());
    return { tokens, targets: tokens, batch: size, length };
  },
});
const SIZES = { fitted: 6, tested: 3, ridge: 0.01 };
const ask = (model: Model, params: Params, windows: Windows) =>
  runProbe("readout", { model, params, tokenizer, material: { windows } }, 1, SIZES);

test("at the embedding the readout is of token plus position, and its control of the tokens", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 1, width: 4, context: 8 });
  const params = livelyParams(model);
  const sequences = someTokens(9, 8, 11);
  const rows = await ask(
    model,
    params,
    windowsOf(() => sequences),
  );
  const { values, embed } = referenceOf(model, params);
  const state = (token: number, t: number) => {
    const place = embed?.(t) as readonly number[];
    return place.map((p, c) => p + ((values["wte.weight"] as readonly number[])[token * 4 + c] as number));
  };
  const all = sequences.map((tokens) => tokens.map((token, t) => ({ x: state(token, t), t, token })));
  const [train, held] = [all.slice(0, 6).flat(), all.slice(6).flat()];
  const at = (metric: string) => rows.find((row) => row.metric === metric && row.at.layer === 0);
  const rng = createRng(1, "probes/readout");
  const labels = Array.from({ length: V }, () => rng.integer(8));
  const r2 = (target: (one: (typeof held)[number]) => number) => {
    const read = eliminated(
      train.map(({ x }) => x),
      train.map(target),
      0.01,
    );
    const middle = mean(held.map(target));
    const errors = held.map((one) => target(one) - read(one.x));
    const spread = held.map((one) => (target(one) - middle) ** 2);
    return { errors, value: 1 - mean(errors.map((e) => e * e)) / mean(spread) };
  };
  const position = r2(({ t }) => t);
  const control = r2(({ token }) => labels[token] as number);
  const near = (metric: string, value: number) =>
    expect(Math.abs((at(metric)?.value as number) - value), metric).toBeLessThan(ROUNDING);
  near("readout_r2", position.value);
  near("readout_mad", mean(position.errors.map(Math.abs)));
  near("readout_control_r2", control.value);
  near("readout_selectivity", position.value - control.value);
  expect(at("readout_mad")?.n).toBe(3);
  expect(at("readout_mad")?.se).toBeGreaterThan(0);
  const constant = rows.find(({ metric }) => metric === "readout_mad_constant");
  expect([constant?.value, constant?.se]).toEqual([2, "exact"]); // 3.5, 2.5, 1.5, 0.5, …
  const random = rows.find(({ metric }) => metric === "readout_mad_random");
  const distances = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((a, _i, every) => every.map((b) => Math.abs(a - b)));
  expect(random?.value).toBeCloseTo(mean(distances), 12);
  disposeTree(params);
});

describe("of one token again and again", () => {
  const constant = windowsOf((size, length) => Array.from({ length: size }, () => new Array(length).fill(3)));
  test.each(["causal", "bidirectional"])(
    "a %s model without positions has nothing to read: the best constant at every layer, past L_max too",
    async (attention) => {
      const model = smallModel({ kind: "none" }, { attention });
      const params = livelyParams(model);
      const rows = await ask(model, params, constant);
      const of = (metric: string) => rows.filter((row) => row.metric === metric);
      expect(of("readout_mad").map(({ value }) => value)).toEqual([2, 2, 2]);
      expect(of("readout_r2").map(({ value }) => Math.abs(value as number))).toEqual([0, 0, 0]);
      expect(of("readout_mad_beyond").map(({ value }) => value)).toEqual([8, 8, 8]); // 8 … 15 against 3.5
      disposeTree(params);
    },
  );

  test("a causal model with a bias by distance reads it after its first layer, and a table none past L_max", async () => {
    const opened = windowsOf((size, length) =>
      Array.from({ length: size }, () => [1, ...new Array(length - 1).fill(3)]),
    );
    const model = smallModel({ kind: "alibi" });
    const params = livelyParams(model);
    const rows = await ask(model, params, opened);
    const r2 = rows.filter(({ metric }) => metric === "readout_r2").map(({ value }) => value as number);
    expect(r2[0]).toBeLessThan(0.4); // the opening token stands first
    expect(r2[1]).toBeGreaterThan((r2[0] as number) + 0.3);
    disposeTree(params);
    const learned = smallModel({ kind: "learned" }, { layers: 1 });
    const table = livelyParams(learned);
    const bare = await ask(learned, table, opened);
    expect(bare.filter(({ metric }) => metric.includes("beyond"))).toEqual([]);
    disposeTree(table);
  });
});
