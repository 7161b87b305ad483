/**
 * AdamW over parameters by name (Loshchilov and Hutter 2019, algorithm 2), after clipping the gradient's global norm:
 *
 *     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²
 *     θ ← θ − η·(m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε) + λ·θ)
 *
 * η and the corrections change at each step, so they are tensors: in a traced graph a number would be frozen.
 */
import type { ParamSpecs, Params } from "../tensor/params.ts";
import { param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";

const BETA_1 = 0.9;
const BETA_2 = 0.99;
const EPSILON = 1e-8;

export interface Moments {
  /** First moments, m. */
  readonly first: Params;
  /** Second moments, v. */
  readonly second: Params;
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

export interface Update {
  readonly params: Params;
  readonly moments: Moments;
  /** Global norm of the gradient before clipping. */
  readonly norm: tf.Scalar;
}

/** One update of all parameters. */
export function adamw(
  specs: ParamSpecs,
  { params, moments, gradients }: { params: Params; moments: Moments; gradients: Params },
  { rate, correction1, correction2 }: StepSizes,
  { clip, weightDecay }: { clip: number; weightDecay: number },
): Update {
  const names = Object.keys(specs);
  const norm = globalNorm(names.map((name) => param(gradients, name)));
  const shrink = tf.div(clip, tf.maximum(norm, clip)); // 1 where the norm is within bounds
  const next = names.map((name) => {
    const theta = param(params, name);
    const g = tf.mul(param(gradients, name), shrink);
    const m = tf.add(tf.mul(BETA_1, param(moments.first, name)), tf.mul(1 - BETA_1, g));
    const v = tf.add(tf.mul(BETA_2, param(moments.second, name)), tf.mul(1 - BETA_2, tf.square(g)));
    const direction = tf.div(tf.div(m, correction1), tf.add(tf.sqrt(tf.div(v, correction2)), EPSILON));
    const decayed = decays(specs, name) ? tf.add(direction, tf.mul(weightDecay, theta)) : direction;
    return { name, theta: tf.sub(theta, tf.mul(rate, decayed)), m, v };
  });
  const collect = (key: "theta" | "m" | "v"): Params =>
    Object.fromEntries(next.map((entry) => [entry.name, entry[key]]));
  return { params: collect("theta"), moments: { first: collect("m"), second: collect("v") }, norm };
}

function decays(specs: ParamSpecs, name: string): boolean {
  const { decay, shape } = specs[name] as ParamSpecs[string];
  return decay ?? shape.length >= 2;
}

function globalNorm(gradients: readonly tf.Tensor[]): tf.Scalar {
  return tf.sqrt(tf.addN(gradients.map((g) => tf.sum(tf.square(g))))) as tf.Scalar;
}
