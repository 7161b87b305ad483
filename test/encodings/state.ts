/**
 * Attention states for tests of a bias, as tensors and as plain numbers; loops to compare with; and
 * peers' numbers.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { AttentionState } from "../../src/encodings/encoding.ts";
import type { Model } from "../../src/model/model.ts";
import type { Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { furthest, livelyParams, smallModel } from "../model/small.ts";

/** B, H, D of the states here; C = H·D. */
export const [B, H, D] = [2, 2, 4];
const CONTEXT = 8;
/**
 * float32 against doubles, over a dozen or so sums of numbers of size 1 to 10; below 1e-4, what is
 * asked of logits.
 */
const ROUNDING = 1e-5;

export type Vector = readonly number[];
export type Matrix = readonly Vector[];
type Nest4 = readonly (readonly Matrix[])[];

/** What an encoding sees of a block, as numbers. */
export interface Numbers {
  readonly first: number;
  readonly query: Vector;
  readonly key: Vector;
  readonly q: Nest4; // (B,H,T,D)
  readonly k: Nest4; // (B,H,S,D)
  readonly x: readonly Matrix[]; // (B,S,C)
  readonly scores: Nest4; // (B,H,T,S)
  readonly weights: Nest4; // (B,H,T,S)
  readonly params: Readonly<Record<string, Matrix & Vector>>;
}

export interface SomeState {
  readonly numbers: Numbers;
  readonly state: AttentionState & { readonly weights: tf.Tensor4D };
}

/** A model of width 8 in two heads, with contexts of 8 tokens. */
export function modelOf(
  position: { readonly kind: string; readonly [field: string]: unknown },
  attention: string,
  fields: object = {},
): Model {
  return smallModel(position, { width: H * D, heads: H, context: CONTEXT, attention, ...fields });
}

/**
 * A random state of block 1: queries of the tokens `first`, first + 1, … among as many keys as
 * there are positions.
 */
export function someState(model: Model, positions: Vector, first = 0): SomeState {
  const rng = createRng(1, "test/state");
  const S = positions.length;
  const T = S - first;
  const draw = (shape: number[]) =>
    tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
      shape,
    );
  const q = draw([B, H, T, D]) as tf.Tensor4D;
  const k = draw([B, H, S, D]) as tf.Tensor4D;
  const scale = model.encoding.scale ?? 1 / Math.sqrt(D);
  const later = tf.greater(tf.range(0, S), tf.reshape(tf.range(first, S), [T, 1]));
  const mask = tf.mul(tf.cast(later, "float32"), model.shape.causal ? -1e9 : 0);
  const scores = tf.add(tf.mul(scale, tf.matMul(q, k, false, true)), mask) as tf.Tensor4D;
  const tensors = { q, k, x: draw([B, S, H * D]) as tf.Tensor3D, scores, weights: tf.softmax(scores) };
  return stateOf(model, { ...tensors, first }, positions, ownParams(model));
}

type Tensors = Pick<AttentionState, "q" | "k" | "x" | "scores" | "first"> & { readonly weights: tf.Tensor4D };

function stateOf(model: Model, tensors: Partial<Tensors>, positions: Vector, params: Params): SomeState {
  const { first = 0, ...values } = tensors;
  const key = tf.tensor1d([...positions]);
  const query = tf.slice(key, first, positions.length - first);
  const scale = model.encoding.scale ?? 1 / Math.sqrt(D);
  const { causal } = model.shape;
  const numbersOf = (record: Readonly<Record<string, tf.Tensor | undefined>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value?.arraySync()]));
  return {
    numbers: {
      ...numbersOf(values),
      first,
      query: positions.slice(first),
      key: positions,
      params: numbersOf(params),
    } as unknown as Numbers, // nests of these ranks
    state: {
      ...values,
      layer: 1,
      first,
      params,
      positions: { query, key },
      scale,
      causal,
    } as SomeState["state"],
  };
}

/** The encoding's parameters in block 1, by the names that it declared. */
function ownParams(model: Model): Params {
  const { params = {}, layerParams = {} } = model.encoding;
  const lively = livelyParams(model);
  return Object.fromEntries([
    ...Object.keys(params).map((name) => [name, lively[name]]),
    ...Object.keys(layerParams).map((name) => [name, lively[`h.1.attn.${name}`]]),
  ]);
}

/** The numbers of a bias, spread to (B,H,T,S). */
export function biasOf(model: Model, { state, numbers }: SomeState): Nest4 {
  const shape = [B, H, numbers.query.length, numbers.key.length];
  return tf.tidy(() =>
    tf.broadcastTo(model.encoding.bias?.(state) as tf.Tensor, shape).arraySync(),
  ) as unknown as Nest4;
}

/** Expects a bias to equal a loop wherever a query may see a key. */
export function expectBias(
  model: Model,
  some: SomeState,
  loop: (b: number, h: number, i: number, j: number) => number,
  rounding = ROUNDING,
): void {
  const bias = biasOf(model, some);
  let seen = 0;
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let i = 0; i < some.numbers.query.length; i++)
        for (let j = 0; j < some.numbers.key.length; j++) {
          if (model.shape.causal && j > some.numbers.first + i) continue;
          const found = bias[b]?.[h]?.[i]?.[j] as number;
          expect(Math.abs(found - loop(b, h, i, j)), `bias[${[b, h, i, j]}]`).toBeLessThan(rounding);
          seen++;
        }
  expect(seen).toBeGreaterThan(0);
}

/** Expects what an encoding adds to softmax(scores)·v to equal a loop. */
export function expectValues(
  model: Model,
  { state, numbers }: SomeState,
  loop: (b: number, h: number, i: number, d: number) => number,
): void {
  const values = tf.tidy(() => model.encoding.values?.(state).arraySync());
  const each = <X>(n: number, f: (i: number) => X) => Array.from({ length: n }, (_, i) => f(i));
  const expected = each(B, (b) =>
    each(H, (h) => each(numbers.query.length, (i) => each(D, (d) => loop(b, h, i, d)))),
  );
  expect(furthest(values, expected)).toBeLessThan(ROUNDING);
}

interface Golden {
  readonly peer: string;
  readonly attention: string;
  readonly position: { readonly kind: string };
  readonly state: Readonly<Record<string, number[]>>;
  readonly params: Readonly<Record<string, number[]>>;
  readonly bias: number[];
  readonly values?: number[];
}

/**
 * Declares the test of test/goldens/<kind>.json, made by test/goldens/make.py: positions 0 … 5, all
 * of them queries.
 */
export function testGolden(kind: string): void {
  const file = new URL(`../goldens/${kind}.json`, import.meta.url);
  const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;
  test(`equals the golden of ${golden.peer}`, () => {
    const { position, attention } = golden;
    const tensors = (record: Readonly<Record<string, number[]>>) =>
      Object.fromEntries(Object.entries(record).map(([name, value]) => [name, tf.tensor(value)]));
    const model = modelOf(position, attention);
    const params = tensors(golden.params);
    expect(Object.keys(params).sort()).toEqual(Object.keys(ownParams(model)).sort());
    const some = stateOf(model, tensors(golden.state), [0, 1, 2, 3, 4, 5], params);
    const bias = tf.broadcastTo(tf.tensor(golden.bias), [B, H, 6, 6]).arraySync() as unknown as Nest4;
    expectBias(model, some, (b, h, i, j) => bias[b]?.[h]?.[i]?.[j] as number);
    if (golden.values === undefined) return;
    const values = golden.values as unknown as Nest4;
    expectValues(model, some, (b, h, i, d) => values[b]?.[h]?.[i]?.[d] as number);
  });
}
