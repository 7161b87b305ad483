/** Models small enough to check by hand, and what tests do with them. */
import type { EncodingDefinition } from "../../src/encodings/encoding.ts";
import { encodings } from "../../src/encodings/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { contiguous, positionsOf, requireDefined, type Scheme } from "../../src/model/positions.ts";
import { type ForwardOptions, forward } from "../../src/model/transformer.ts";
import { initialize, type Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { type BatchTensors, meanLoss } from "../../src/train/objective.ts";

export const B = 2;
export const T = 6;
export const V = 11;
const SIZES = { layers: 2, heads: 2, width: 16, context: 8 };

/** A model of two layers, two heads and width 16, with contexts of 8 tokens. */
export function smallModel(
  position: { readonly kind: string; readonly [field: string]: unknown },
  fields: object = {},
  known: readonly EncodingDefinition[] = encodings,
): Model {
  const config = modelSchema(known).parse({ ...SIZES, ...fields, position });
  return createModel(config, V, known);
}

/** Parameters away from their initial values, so that a bias that starts at zero or a gain of one shows. */
export function livelyParams(model: Model, seed = 1, deviation = 0.3): Params {
  const specs = Object.entries(model.specs).map(([name, spec]) => {
    const init: typeof spec.init = (rng, index) => spec.init(rng, index) + deviation * rng.normal();
    return [name, { ...spec, init }] as const;
  });
  return initialize(Object.fromEntries(specs), seed);
}

/** Token ids (rows,length), the same at each call with the same seed. */
export function someTokens(rows = B, length = T, seed = 1): number[][] {
  const rng = createRng(seed, "test/tokens");
  return Array.from({ length: rows }, () => Array.from({ length }, () => rng.integer(V)));
}

/** Logits (B,T,V) as plain numbers. */
export function logitsFor(
  model: Model,
  params: Params,
  tokens: readonly (readonly number[])[],
  scheme: Scheme = contiguous,
  options?: ForwardOptions,
): number[][][] {
  const length = (tokens[0] as readonly number[]).length;
  const positions = requireDefined(model, positionsOf(scheme, length, createRng(1, "test/positions")));
  return tf.tidy(() =>
    forward(model, params, idsTensor(tokens), tf.tensor1d(positions), options).arraySync(),
  ) as number[][][];
}

export function idsTensor(tokens: readonly (readonly number[])[]): tf.Tensor2D {
  return tf.tensor2d(tokens.flat(), [tokens.length, (tokens[0] as readonly number[]).length], "int32");
}

/** A batch of random tokens and targets, all of which count. */
export function someBatch(length = T): BatchTensors {
  return {
    tokens: idsTensor(someTokens(B, length, 1)),
    targets: idsTensor(someTokens(B, length, 2)),
    weights: tf.ones([B, length]) as tf.Tensor2D,
    positions: tf.tensor1d(positionsOf(contiguous, length)),
  };
}

/** The loss of a batch and its gradient by every parameter. */
export function lossAndGradients(
  model: Model,
  params: Params,
  batch: BatchTensors,
): { loss: tf.Tensor; gradients: Record<string, tf.Tensor> } {
  const names = Object.keys(model.specs);
  const record = (values: readonly tf.Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor]));
  const loss = (...values: tf.Tensor[]) => meanLoss(model, record(values), batch);
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => params[name] as tf.Tensor));
  return { loss: value, gradients: record(grads) };
}

/** The largest entry of the gradient by each parameter, for a batch of random tokens. */
export function gradientSizes(model: Model, length = T): [string, number][] {
  return tf.tidy(() => {
    const { gradients } = lossAndGradients(model, livelyParams(model), someBatch(length));
    return Object.entries(gradients).map(([name, g]) => [
      name,
      furthest(g.dataSync(), new Float32Array(g.size)),
    ]);
  });
}

/** The largest absolute difference between numbers of two nests of equal shape. */
export function furthest(a: unknown, b: unknown): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  if (x.length !== y.length) throw new RangeError(`${x.length} numbers against ${y.length}`);
  // Math.max keeps a NaN, so it does not pass as agreement.
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - (y[i] as number))), 0);
}

function numbersOf(nest: unknown): number[] {
  if (typeof nest === "number") return [nest];
  return Array.from(nest as ArrayLike<unknown>).flatMap(numbersOf);
}
