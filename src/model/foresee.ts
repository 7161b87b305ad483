/**
 * Which token `sampleToken` will choose, guessed beside the logits.
 *
 * A guess in float32, of what is chosen in double precision: it is nearly always right, and nothing
 * but time hangs on it.
 */
import { tf } from "../tensor/tf.ts";
import type { Sampling } from "./sampling.ts";

/**
 * @param logits (B,V)
 * @param uniform the number that each row will draw, (B)
 * @returns ids, (B), int32
 */
export function foresee(
  logits: tf.Tensor2D,
  uniform: tf.Tensor1D,
  { temperature, topK, topP = 1 }: Sampling,
): tf.Tensor1D {
  if (temperature === 0) return tf.cast(tf.argMax(logits, 1), "int32") as tf.Tensor1D;
  const V = logits.shape[1];
  const scaled = tf.div(logits, temperature) as tf.Tensor2D;
  if ((topK ?? V) >= V && topP === 1) return placeOf(tf.softmax(scaled), uniform);
  const { values, indices } = tf.topk(scaled, Math.min(topK ?? V, V)); // likeliest first
  const weights = tf.softmax(values) as tf.Tensor2D;
  const before = tf.cumsum(weights, 1, true);
  const nucleus = tf.mul(weights, tf.cast(tf.less(before, topP), "float32")) as tf.Tensor2D;
  const place = placeOf(nucleus, uniform);
  const chosen = tf.equal(tf.expandDims(place, 1), tf.range(0, weights.shape[1], 1, "int32"));
  return tf.sum(tf.mul(indices, tf.cast(chosen, "int32")), 1) as tf.Tensor1D;
}

/** Where the sum of weights, from the left, first exceeds that share of all, (B). @param weights (B,N) */
function placeOf(weights: tf.Tensor2D, share: tf.Tensor1D): tf.Tensor1D {
  const sums = tf.cumsum(weights, 1);
  const N = weights.shape[1];
  const all = tf.slice(sums, [0, N - 1], [-1, 1]);
  const passed = tf.lessEqual(sums, tf.mul(all, tf.expandDims(share, 1)));
  return tf.minimum(tf.sum(tf.cast(passed, "int32"), 1), tf.scalar(N - 1, "int32")) as tf.Tensor1D;
}
