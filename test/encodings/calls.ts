/** An encoding's seams called with numbers, outside of any model. */
import { readFileSync } from "node:fs";
import type { AttentionState, PositionEncoding, TransformState } from "../../src/encodings/encoding.ts";
import { tf } from "../../src/tensor/tf.ts";
import { smallModel } from "../model/small.ts";

/** Against values of another implementation: float32 on both sides, numbers of size 1 to 10. */
export const GOLDEN = 1e-5;

export type Nest = readonly number[] | readonly Nest[];
export type Position = Parameters<typeof smallModel>[0];

export interface Sizes {
  readonly heads: number;
  /** D, 4 where it does not matter. */
  readonly headWidth?: number;
  readonly context?: number;
  readonly attention?: "causal" | "bidirectional";
}

/** The encoding of a model of these sizes. */
export function encodingOf(
  position: Position,
  { heads, headWidth = 4, context = 8, attention = "causal" }: Sizes,
): PositionEncoding {
  return smallModel(position, { heads, width: heads * headWidth, context, attention }).encoding;
}

export interface BiasInput {
  readonly params?: Readonly<Record<string, Nest>>;
  readonly query: readonly number[];
  /** The queries' positions where it is left out. */
  readonly key?: readonly number[];
}

/** bias[h][i][j] of an encoding whose bias looks at positions, parameters and the scale alone. */
export function biasOf(
  position: Position,
  sizes: Sizes,
  { params = {}, query, key = query }: BiasInput,
): number[][][] {
  const encoding = encodingOf(position, sizes);
  const D = sizes.headWidth ?? 4;
  return tf.tidy(() => {
    const state = {
      params: Object.fromEntries(Object.entries(params).map(([name, values]) => [name, tensorOf(values)])),
      positions: { query: tf.tensor1d([...query]), key: tf.tensor1d([...key]) },
      scale: encoding.scale ?? 1 / Math.sqrt(D),
      causal: sizes.attention !== "bidirectional",
    } as unknown as AttentionState; // what these biases look at
    return encoding.bias?.(state).arraySync() as number[][][];
  });
}

/** Queries or keys (B,H,T,D) as the encoding turns them. */
export function turned(
  position: Position,
  sizes: Sizes,
  x: Nest,
  positions: readonly number[],
  side: "query" | "key" = "query",
): number[][][][] {
  const encoding = encodingOf(position, sizes);
  return tf.tidy(() =>
    encoding
      .transform?.(tensorOf(x) as tf.Tensor4D, tf.tensor1d([...positions]), {}, side, NO_STATE)
      .arraySync(),
  ) as number[][][][];
}

/** Of encodings that read positions alone. */
const NO_STATE = {} as TransformState;

const tensorOf = (values: Nest) => tf.tensor(values as number[], undefined, "float32"); // tf infers the rank

/** test/goldens/<kind>.json, as test/goldens/make.py wrote it. */
export function golden<T>(kind: string): T {
  return JSON.parse(readFileSync(new URL(`../goldens/${kind}.json`, import.meta.url), "utf8"));
}

/** 0, 1, …, n − 1 */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A matrix whose entries above the diagonal, which a causal mask hides, are zero. */
export const lower = (matrix: readonly (readonly number[])[]): number[][] =>
  matrix.map((row, i) => row.map((value, j) => (j <= i ? value : 0)));
