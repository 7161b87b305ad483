/**
 * What a model is trained for: the mean negative log-likelihood, in nats a token, of the targets that count.
 *
 * Causal and masked language modelling differ only in their batches: which tokens are hidden, what the targets are, and
 * which of them count (`data/`).
 */
import type { Model } from "../model/config.ts";
import { type ForwardOptions, forward } from "../model/transformer.ts";
import { crossEntropy } from "../tensor/ops.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";

/** A batch on the engine. */
export interface BatchTensors {
  readonly [name: string]: tf.Tensor;
  /** (B,T), int32 */
  readonly tokens: tf.Tensor2D;
  /** (B,T), int32 */
  readonly targets: tf.Tensor2D;
  /** (B,T): 1 where the target counts, else 0. */
  readonly weights: tf.Tensor2D;
  /** (T) */
  readonly positions: tf.Tensor1D;
}

/** Σ weight·NLL / Σ weight, a scalar. */
export function meanLoss(
  model: Model,
  params: Params,
  batch: BatchTensors,
  options?: ForwardOptions,
): tf.Scalar {
  const weights = tf.reshape(batch.weights, [-1]);
  const nll = tokenLosses(model, params, batch, options);
  return tf.div(tf.sum(tf.mul(tf.reshape(nll, [-1]), weights)), tf.sum(weights)) as tf.Scalar;
}

/** −log p(target) of every token, (B,T), in nats. */
export function tokenLosses(
  model: Model,
  params: Params,
  batch: BatchTensors,
  options?: ForwardOptions,
): tf.Tensor2D {
  const { tokens, targets, positions } = batch;
  const logits = forward(model, params, tokens, positions, options);
  const flat = tf.reshape(logits, [-1, model.vocabSize]) as tf.Tensor2D;
  const nll = crossEntropy(flat, tf.reshape(targets, [-1]) as tf.Tensor1D);
  return tf.reshape(nll, tokens.shape) as tf.Tensor2D;
}
