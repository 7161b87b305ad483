/** Scalar loops over attention scores, for the tests of their terms. */
import { expect } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import type { Model } from "../../src/model/model.ts";
import { openActivations, type Traced } from "../../src/probes/activations.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { someTokens } from "../model/small.ts";

/** Float32 products of the engine against double precision, for scores of size 1 to 10. */
const ROUNDING = 1e-4;

export const [T, CONTEXTS] = [6, 3];

/** Contexts of T tokens, which `windows` gives. */
export const CONTEXT_TOKENS = someTokens(CONTEXTS, T) as number[][];
export const windows = {
  split: "test",
  seed: 1,
  window: (_index: number, batch: number, length: number) => ({
    tokens: Int32Array.from(CONTEXT_TOKENS.slice(0, batch).flatMap((row) => row.slice(0, length))),
    targets: new Int32Array(batch * length),
    ...{ batch, length },
  }),
};

export async function asked(model: Model, params: Params, contexts = CONTEXTS): Promise<Measurement[]> {
  const subject = { model, params, tokenizer: wordsTokenizer(["dog"]), material: { windows } };
  return runProbe("terms", subject, 1, { contexts, tokens: T });
}

/** Everything of one context that the loops read, by name. */
export interface Pass {
  readonly at: (name: string) => number[][];
  readonly traced: Traced;
}

export async function passesOf(
  model: Model,
  params: Params,
  names: readonly string[],
  contexts = CONTEXT_TOKENS,
): Promise<Pass[]> {
  const reader = openActivations({ model, params }, names);
  const passes: Pass[] = [];
  for await (const traced of reader.trace(contexts)) {
    const at = (name: string) => rowsOf(traced.activations[name]?.values as Float32Array, T);
    passes[traced.index] = { at, traced };
  }
  reader.close();
  return passes;
}

export type Vector = readonly number[];
export type Matrix = readonly Vector[];
export const sum = (values: Vector) => values.reduce((total, value) => total + value, 0);
export const dot = (a: Vector, b: Vector) => sum(a.map((x, i) => x * (b[i] as number)));
export const rowsOf = (values: ArrayLike<number>, rows: number): number[][] => {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: width }, (_, c) => values[i * width + c] as number),
  );
};

export interface QueriesKeys {
  readonly q: Matrix;
  readonly k: Matrix;
}

/**
 * A part of the stream through a norm whose mean and deviation are those of the whole stream x;
 * RMSNorm has no means.
 */
export function frozen(part: Vector, x: Vector, gain: Vector, epsilon: number, rms = false): number[] {
  const mean = rms ? 0 : sum(x) / x.length;
  const sigma = Math.sqrt(sum(x.map((value) => (value - mean) ** 2)) / x.length + epsilon);
  const own = rms ? 0 : sum(part) / part.length;
  return part.map((value, c) => ((value - own) / sigma) * (gain[c] as number));
}

export const plus = (a: Matrix, b: Matrix) =>
  a.map((row, t) => row.map((value, c) => value + (b[t]?.[c] as number)));

/**
 * Shares and variances by the definition: Σ cov/Σ var over contexts, of terms (contexts,T,T) over
 * seen pairs.
 */
export function statistics(terms: Readonly<Record<string, Matrix[]>>, causal: boolean) {
  const centred = (matrix: Matrix) =>
    matrix.map((row, i) => {
      const seen = causal ? row.slice(0, i + 1) : row;
      return seen.map((value) => value - sum(seen) / seen.length);
    });
  const names = Object.keys(terms);
  const all = Object.fromEntries(names.map((name) => [name, (terms[name] as Matrix[]).map(centred)]));
  const scores = (c: number, i: number, j: number) =>
    sum(names.map((name) => all[name]?.[c]?.[i]?.[j] as number));
  const over = (f: (c: number, i: number, j: number) => number) =>
    sum(
      (all[names[0] as string] as Matrix[]).flatMap((m, c) =>
        m.flatMap((row, i) => row.map((_, j) => f(c, i, j))),
      ),
    );
  const total = over((c, i, j) => scores(c, i, j) ** 2);
  const pairs = over(() => 1);
  return Object.fromEntries(
    names.map((name) => {
      const of = (c: number, i: number, j: number) => all[name]?.[c]?.[i]?.[j] as number;
      const share = over((c, i, j) => of(c, i, j) * scores(c, i, j)) / total;
      return [name, { share, variance: over((c, i, j) => of(c, i, j) ** 2) / pairs }];
    }),
  );
}

export function expectRows(
  rows: readonly Measurement[],
  at: object,
  wanted: ReturnType<typeof statistics>,
): void {
  const found = rows.filter((row) => Object.entries(at).every(([key, value]) => row.at[key] === value));
  const named = (metric: string) => found.filter((row) => row.metric === metric);
  expect(
    named("term_share")
      .map((row) => row.at.term)
      .sort(),
  ).toEqual(Object.keys(wanted).sort());
  for (const row of named("term_share"))
    expect(row.value).toBeCloseTo(wanted[row.at.term as string]?.share as number, 4);
  for (const row of named("term_variance"))
    expect(
      Math.abs((row.value as number) - (wanted[row.at.term as string]?.variance as number)),
    ).toBeLessThan(ROUNDING);
  expect(sum(named("term_share").map((row) => row.value as number))).toBeCloseTo(1, 6);
}
