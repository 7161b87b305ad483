/**
 * AdamW over parameters by name (Loshchilov and Hutter 2019, algorithm 2), after clipping the
 * gradient's global norm:
 *
 *     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²
 *     θ ← θ − η·(m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε) + λ·θ)
 *
 * The slots are m, "first", and v, "second".
 */
import { summand } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import type { Optimizer } from "./optimizer.ts";
import { learningRateAt } from "./schedule.ts";

export const adamw: Optimizer = {
  name: "adamw",
  slots: ["first", "second"],
  init: (size) => ({ first: tf.zeros([size]), second: tf.zeros([size]) }),
  scalars: (step, config) => ({
    rate: tf.scalar(learningRateAt(step, config)),
    correction1: tf.scalar(1 - config.beta1 ** (step + 1)),
    correction2: tf.scalar(1 - config.beta2 ** (step + 1)),
  }),
  update({ decayed }, { params, slots }, gradient, scalars, config) {
    const { clip, weightDecay, beta1, beta2, epsilon } = config;
    const { first, second } = slots as { first: tf.Tensor1D; second: tf.Tensor1D }; // as `init` made them
    const { rate, correction1, correction2 } = scalars as Record<string, tf.Tensor> & { rate: tf.Tensor };
    const shrink = tf.div(clip, tf.maximum(gradient.norm, clip)); // 1 where the norm is within bounds
    const g = tf.mul(gradient.vector, shrink);
    const m = tf.add(tf.mul(beta1, first), tf.mul(1 - beta1, g)) as tf.Tensor1D;
    const v = tf.add(tf.mul(beta2, second), tf.mul(1 - beta2, tf.square(g))) as tf.Tensor1D;
    const root = tf.sqrt(tf.div(v, correction2 as tf.Tensor));
    const direction = tf.div(tf.div(m, correction1 as tf.Tensor), tf.add(root, epsilon));
    const change = decayed === 0 ? direction : tf.add(direction, decay(params, decayed, weightDecay));
    const theta = tf.sub(params, tf.mul(rate, change)) as tf.Tensor1D;
    return { params: theta, slots: { first: m, second: v } };
  },
};

/** λ·θ of the first numbers, and 0 of the others. */
function decay(params: tf.Tensor1D, decayed: number, by: number): tf.Tensor {
  if (decayed === params.size) return tf.mul(by, params);
  return tf.pad(tf.mul(by, tf.slice(params, 0, decayed)), [[0, params.size - decayed]]);
}

/**
 * √Σ g² over all gradients, which lie in few vectors: sums parameter by parameter are as many loops,
 * and slower to compile.
 */
export function globalNorm(gradients: readonly tf.Tensor1D[]): tf.Scalar {
  return tf.sqrt(
    gradients
      .map((one) => tf.sum(summand(tf.square(one))) as tf.Scalar)
      .reduce((sum, one) => tf.add(sum, one)),
  );
}
