/**
 * Position vectors: their geometry against loops over the definition, and what theory gives for
 * sinusoids.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import type { Model } from "../../src/model/model.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel } from "../model/small.ts";

/** Products of float32 entries, relative to values of size 1. */
const ROUNDING = 1e-5;

beforeAll(async () => {
  await startTestEngine();
});

async function asked(model: Model, params: Params, config: object = {}): Promise<Measurement[]> {
  const tokenizer = wordsTokenizer(["dog"]);
  return runProbe("positions", { model, params, tokenizer, material: {} }, 1, { random: 1, ...config });
}

function valueAt(rows: readonly Measurement[], metric: string, at: Measurement["at"] = {}): number {
  const found = rows.filter(
    (row) => row.metric === metric && Object.entries(at).every(([key, value]) => row.at[key] === value),
  );
  expect(found, `${metric} ${JSON.stringify(at)}`).toHaveLength(1);
  return found[0]?.value as number;
}

type Matrix = readonly (readonly number[])[];

const rowsOf = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from({ length: width }, (_, c) => values[i * width + c] as number),
  );
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** 1 − ‖G − Toep(G)‖²/‖G − Ḡ‖² over chosen pairs, from a list of them. */
function toeplitz(G: Matrix, counts: (i: number, j: number) => boolean = () => true): number {
  const pairs = G.flatMap((row, i) => row.map((value, j) => ({ i, j, value }))).filter(({ i, j }) =>
    counts(i, j),
  );
  const mean = meanOf(pairs.map(({ value }) => value));
  const onDiagonal = (d: number) => meanOf(pairs.filter(({ i, j }) => j - i === d).map(({ value }) => value));
  const unexplained = pairs.reduce((sum, { i, j, value }) => sum + (value - onDiagonal(j - i)) ** 2, 0);
  return 1 - unexplained / pairs.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
}

describe("a learned table, two query heads sharing keys", () => {
  const [C, D, N] = [8, 4, 6];
  const model = smallModel(
    { kind: "learned" },
    { layers: 2, width: C, heads: 2, keyValueHeads: 1, context: N },
  );
  let params: Params;
  let rows: Measurement[];
  let P: number[][];
  const values = (name: string) => params[name]?.dataSync() as Float32Array;
  beforeAll(async () => {
    params = livelyParams(model);
    rows = await asked(model, params, { local: 3 });
    P = rowsOf(values("wpe.weight"), C);
  });

  test("measures of P·Pᵀ are those of its definition", () => {
    const G = P.map((a) => P.map((b) => dot(a, b)));
    const inside = { to: N - 1, table: "encoding" };
    expect(valueAt(rows, "gram_toeplitz_r2", inside)).toBeCloseTo(toeplitz(G), 6);
    const off = toeplitz(G, (i, j) => i !== j);
    expect(valueAt(rows, "gram_toeplitz_off_diagonal", inside)).toBeCloseTo(off, 6);
    expect(off).toBeLessThan(0.9);
    const near = [1, 2, 3].map((d) => meanOf(P.slice(d).map((_, i) => G[i]?.[i + d] as number)));
    const ranks = near.map((one) => near.filter((other) => other < one).length + 1);
    const squares = ranks.reduce((sum, rank, i) => sum + (rank - (3 - i)) ** 2, 0); // −1, −2, −3 rank 3, 2, 1
    expect(valueAt(rows, "gram_monotonicity", { ...inside, within: 3 })).toBeCloseTo(
      1 - (6 * squares) / (3 * 8),
      9,
    );
  });

  test.each([
    [0, 0],
    [0, 1],
    [1, 1],
  ])(
    "those of layer %i, head %i are of P through the norm's gain and the head's W_Q and W_K",
    (layer, head) => {
      const gain = [...values(`h.${layer}.ln_1.weight`)];
      const weight = rowsOf(values(`h.${layer}.attn.c_attn.weight`), (2 + 2) * D); // (C,(H+2G)D)
      const through = P.map((row) => row.map((x, c) => (x - meanOf(row)) * (gain[c] as number)));
      const project = (row: readonly number[], first: number) =>
        Array.from({ length: D }, (_, d) =>
          row.reduce((sum, x, c) => sum + x * (weight[c]?.[first + d] as number), 0),
        );
      const keys = through.map((row) => project(row, 2 * D)); // G is 1
      const G = through.map((row) => keys.map((key) => dot(project(row, head * D), key)));
      expect(valueAt(rows, "head_toeplitz_r2", { layer, head })).toBeCloseTo(toeplitz(G), 5);
      const [difference, all] = [
        (i: number, j: number) => (G[i]?.[j] ?? 0) - (G[j]?.[i] ?? 0),
        (i: number, j: number) => G[i]?.[j] ?? 0,
      ].map((f) =>
        Math.sqrt(G.flatMap((row, i) => row.map((_, j) => f(i, j) ** 2)).reduce((a, b) => a + b, 0)),
      ) as [number, number];
      expect(valueAt(rows, "head_asymmetry", { layer, head })).toBeCloseTo(difference / all, 5);
    },
  );

  test("no R_Δ is stated; past L_max it is measured under each policy", () => {
    expect(rows.filter(({ metric }) => metric === "shift_identity_error")).toEqual([]);
    const past = rows.filter(({ metric, at }) => metric === "gram_toeplitz_r2" && at.from === N);
    expect(past.map(({ at }) => at.beyond)).toEqual(["clamp", "wrap", "zero", "untrained", "interpolate"]);
    const [clamp, wrap, zero] = past.map(({ value }) => value);
    expect([clamp, zero]).toEqual([null, null]); // all rows are alike
    expect(wrap).toBe(valueAt(rows, "gram_toeplitz_r2", { to: N - 1, table: "encoding" }));
    for (const { value } of rows) expect(value === null || Number.isFinite(value)).toBe(true);
  });
});

test.each([
  ["interleaved", 8],
  ["halves", 8],
  ["halves", 7],
])("sinusoids, %s, of width %i: Toeplitz R² is 1, and R_Δ takes p_i to p_(i+Δ)", async (layout, width) => {
  const model = smallModel({ kind: "sinusoidal", layout }, { layers: 1, heads: 1, width, context: 16 });
  const rows = await asked(model, livelyParams(model));
  for (const from of [0, 16])
    for (const metric of ["gram_toeplitz_r2", "gram_toeplitz_off_diagonal"])
      expect(valueAt(rows, metric, { from, table: "encoding" })).toBeCloseTo(1, 6);
  for (const offset of [1, 2, 4, 8, 16])
    expect(valueAt(rows, "shift_identity_error", { offset })).toBeLessThan(ROUNDING);
  for (const offset of [1, 4]) expect(valueAt(rows, "linear_shift_error", { offset })).toBeLessThan(ROUNDING);
  expect(valueAt(rows, "gram_toeplitz_off_diagonal", { table: `random, 16 × ${width}` })).toBeLessThan(0.8);
});

test("a last sine without its cosine has no R_Δ, and an encoding without vectors is refused", async () => {
  const odd = smallModel({ kind: "sinusoidal" }, { layers: 1, heads: 1, width: 7 });
  expect(odd.encoding.shift).toBeUndefined();
  const rope = smallModel({ kind: "rope" });
  await expect(asked(rope, {})).rejects.toThrow(/encoding rope adds no vectors/);
});
