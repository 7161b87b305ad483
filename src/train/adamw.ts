/**
 * AdamW over parameters by name (Loshchilov and Hutter 2019, algorithm 2), after clipping the gradient's global norm:
 *
 *     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²
 *     θ ← θ − η·(m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε) + λ·θ)
 *
 * η and the corrections change at each step, so they are tensors: in a traced graph a number would be frozen.
 */
import type { Layout } from "../tensor/flat.ts";
import { tf } from "../tensor/tf.ts";

export const BETA_1 = 0.9;
export const BETA_2 = 0.99;
export const EPSILON = 1e-8;

/** What an update changes: vectors of one layout (`tensor/flat.ts`). */
export interface Vectors {
  readonly [name: string]: tf.Tensor1D;
  /** θ */
  readonly params: tf.Tensor1D;
  /** First moments, m. */
  readonly first: tf.Tensor1D;
  /** Second moments, v. */
  readonly second: tf.Tensor1D;
}

/** Step sizes of one update, scalars: η, 1 − β₁ᵗ and 1 − β₂ᵗ. */
export interface StepSizes {
  readonly [name: string]: tf.Tensor;
  readonly rate: tf.Scalar;
  readonly correction1: tf.Scalar;
  readonly correction2: tf.Scalar;
}

/** The step sizes of update `step`, from 0. */
export function stepSizes(step: number, learningRate: number): StepSizes {
  return {
    rate: tf.scalar(learningRate),
    correction1: tf.scalar(1 - BETA_1 ** (step + 1)),
    correction2: tf.scalar(1 - BETA_2 ** (step + 1)),
  };
}

export interface Gradient {
  /** Of the layout of the parameters. */
  readonly vector: tf.Tensor1D;
  /** Its global norm. */
  readonly norm: tf.Scalar;
}

/** One update of all parameters. */
export function adamw(
  { decayed, size }: Layout,
  { params, first, second }: Vectors,
  gradient: Gradient,
  { rate, correction1, correction2 }: StepSizes,
  { clip, weightDecay }: { clip: number; weightDecay: number },
): Vectors {
  const shrink = tf.div(clip, tf.maximum(gradient.norm, clip)); // 1 where the norm is within bounds
  const g = tf.mul(gradient.vector, shrink);
  const m = tf.add(tf.mul(BETA_1, first), tf.mul(1 - BETA_1, g)) as tf.Tensor1D;
  const v = tf.add(tf.mul(BETA_2, second), tf.mul(1 - BETA_2, tf.square(g))) as tf.Tensor1D;
  const direction = tf.div(tf.div(m, correction1), tf.add(tf.sqrt(tf.div(v, correction2)), EPSILON));
  const decay = tf.pad(tf.mul(weightDecay, tf.slice(params, 0, decayed)), [[0, size - decayed]]);
  const theta = tf.sub(params, tf.mul(rate, tf.add(direction, decay))) as tf.Tensor1D;
  return { params: theta, first: m, second: v };
}

/** √Σ g² over all gradients, which lie in one vector: sums parameter by parameter are as many loops, and slower to compile. */
export function globalNorm(gradients: tf.Tensor1D): tf.Scalar {
  return tf.sqrt(tf.sum(tf.square(gradients)));
}
