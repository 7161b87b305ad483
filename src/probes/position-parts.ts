/** What the queries and keys of each block owe to their position alone. */
import type { Model } from "../model/model.ts";
import type { Activation, Traced } from "./activations.ts";

/** Queries and keys that are read where positions are averaged. */
export function namesForMeans({ shape }: Model): string[] {
  return Array.from({ length: shape.layers }, (_, layer) =>
    ["q", "k"].map((name) => `blocks.${layer}.attn.${name}`),
  ).flat();
}

/** Each context begun at each of its tokens in turn: every token stands at every position once. */
export function rotationsOf(contexts: readonly (readonly number[])[]): number[][] {
  return contexts.flatMap((tokens) => tokens.map((_, t) => [...tokens.slice(t), ...tokens.slice(0, t)]));
}

/**
 * Of each block, what its queries (H,T,D) and keys (G,T,D) are by position, on average over
 * contexts, less their mean over positions.
 */
export interface PositionParts {
  readonly q: Float64Array;
  readonly k: Float64Array;
}

export async function positionParts(
  model: Model,
  traces: AsyncIterable<Traced>,
  T: number,
): Promise<PositionParts[]> {
  const { layers, heads, keyValueHeads, headWidth: D } = model.shape;
  const sums = Array.from({ length: layers }, () => ({
    q: new Float64Array(heads * T * D),
    k: new Float64Array(keyValueHeads * T * D),
  }));
  let contexts = 0;
  for await (const { activations } of traces) {
    contexts++;
    for (const [layer, { q, k }] of sums.entries()) {
      add(q, valuesOf(activations, layer, "q"));
      add(k, valuesOf(activations, layer, "k"));
    }
  }
  const part = (sum: Float64Array) =>
    lessMean(
      sum.map((value) => value / contexts),
      T,
      D,
    );
  return sums.map(({ q, k }) => ({ q: part(q), k: part(k) }));
}

/** Of (heads,T,D), less the mean over T. */
function lessMean(values: Float64Array, T: number, D: number): Float64Array {
  const means = new Float64Array(values.length / T); // (heads,D)
  const place = (n: number) => Math.floor(n / (T * D)) * D + (n % D);
  values.forEach((value, n) => {
    means[place(n)] = (means[place(n)] as number) + value / T;
  });
  return values.map((value, n) => value - (means[place(n)] as number));
}

function add(sum: Float64Array, values: Float32Array): void {
  values.forEach((value, n) => {
    sum[n] = (sum[n] as number) + value;
  });
}

/** An activation of a block's attention. */
export const valuesOf = (activations: Traced["activations"], layer: number, name: string): Float32Array =>
  (activations[`blocks.${layer}.attn.${name}`] as Activation).values;
