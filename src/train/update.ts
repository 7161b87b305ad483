/** What a training step computes, a pure function of tensors: (state, batch) → (next state, loss). */
import { statelessUniform } from "../engine/stateless-random.ts";
import type { Model } from "../model/model.ts";
import { bySlot, flatten, type GroupVectors, type Layout, layoutOf, unflatten } from "../tensor/flat.ts";
import { param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { TensorTree } from "../tensor/tree.ts";
import { globalNorm } from "./adamw.ts";
import type { TrainConfig } from "./config.ts";
import { type BatchTensors, meanLoss } from "./objective.ts";
import type { Optimizer, Vectors } from "./optimizer.ts";
import { optimizers } from "./optimizers.ts";
import { inParts } from "./parts.ts";

/** θ, and the optimizer's slots by their names: a vector of each group of parameters. */
export type StateVectors = Readonly<Record<string, GroupVectors>> & { readonly params: GroupVectors };

export interface StepInputs extends TensorTree {
  readonly batch: BatchTensors;
  readonly scalars: Readonly<Record<string, tf.Scalar>>;
  /** (2), int32: what the step's random numbers depend on. */
  readonly noise: { readonly key: tf.Tensor1D };
}

export interface StepOutputs extends TensorTree {
  readonly loss: tf.Scalar;
  readonly norm: tf.Scalar;
}

/** One step of training. */
export function update(
  model: Model,
  config: TrainConfig,
  { state, inputs: { batch, scalars, noise } }: { readonly state: StateVectors; readonly inputs: StepInputs },
): { state: StateVectors; outputs: StepOutputs } {
  const layout = layoutOf(model.specs);
  const { params: theta, ...slots } = state;
  const parts = inParts(batch, model.shape.width, ({ rows, of }) => {
    const draw = sites(noise.key);
    // Once in each part: what parts share is a program of its own, which they would wait for.
    const total = tf.sum(batch.weights) as tf.Scalar;
    return lossAndGradient(model, layout, theta, rows, { total, noise: (shape) => of(shape, draw) });
  });
  const loss = added(parts.map((part) => part.loss));
  const gradients = layout.map((_, i) => added(parts.map(({ vectors }) => vectors[i] as tf.Tensor1D)));
  const norm = globalNorm(gradients);
  const optimizer: Optimizer = optimizers[config.optimizer];
  const next = layout.map((group, i): Vectors => {
    const before = { params: theta[i] as tf.Tensor1D, slots: ofGroup(slots, i) };
    const vector = gradients[i] as tf.Tensor1D;
    const { params, slots: after } = optimizer.update(group, before, { vector, norm }, scalars, config);
    return { params, ...after };
  });
  return { state: bySlot(next) as StateVectors, outputs: { loss, norm } };
}

const ofGroup = (slots: Readonly<Record<string, GroupVectors>>, i: number): Vectors =>
  Object.fromEntries(Object.entries(slots).map(([name, vectors]) => [name, vectors[i] as tf.Tensor1D]));

/** The share that some rows have in the loss of a batch, and its gradient. */
function lossAndGradient(
  model: Model,
  layout: Layout,
  theta: GroupVectors,
  rows: BatchTensors,
  { total, noise }: { readonly total: tf.Scalar; readonly noise: (shape: number[]) => tf.Tensor },
): { loss: tf.Scalar; vectors: GroupVectors } {
  const params = unflatten(layout, theta);
  const names = Object.keys(params);
  const named = (tensors: readonly tf.Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor]));
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) =>
    meanLoss(model, named(values), rows, { noise, total }),
  )(names.map((name) => param(params, name)));
  return { loss: value as tf.Scalar, vectors: flatten(layout, named(grads)) };
}

const added = <T extends tf.Tensor>(parts: readonly T[]): T => parts.reduce((sum, part) => tf.add(sum, part));

/** Uniform numbers for one site of dropout after another: site n of step s draws from the key (seed + n·prime, s). */
function sites(key: tf.Tensor1D): (shape: number[]) => tf.Tensor {
  let site = 0;
  return (shape) =>
    statelessUniform(tf.add(key, tf.tensor1d([SITE_STRIDE * site++, 0], "int32")) as tf.Tensor1D, shape);
}

/** Keeps the sites of one seed apart from those of the next: 7919·n + seed meets another pair only after 7,919 seeds. */
const SITE_STRIDE = 7919;
