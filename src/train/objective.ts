/**
 * What a model is trained for: the mean negative log-likelihood, in nats a token, of the targets that count.
 *
 * Causal and masked language modelling differ only in their batches: which tokens are hidden, what
 * the targets are, and which of them count (`data/`).
 */
import { inTurn } from "../engine/compile.ts";
import type { Model } from "../model/model.ts";
import { type ForwardOptions, finalStates, logitsOfStates } from "../model/transformer.ts";
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

export interface MeanLossOptions extends ForwardOptions {
  /** Σ weight of the batch that these rows are a part of. Default: of these rows. */
  readonly total?: tf.Scalar;
}

/** Σ weight·NLL / Σ weight, a scalar. */
export function meanLoss(
  model: Model,
  params: Params,
  batch: BatchTensors,
  { total, ...options }: MeanLossOptions = {},
): tf.Scalar {
  const weights = tf.reshape(batch.weights, [-1]);
  const nll = tokenLosses(model, params, batch, options);
  return tf.div(tf.sum(tf.mul(tf.reshape(nll, [-1]), weights)), total ?? tf.sum(weights)) as tf.Scalar;
}

export interface TokenLossOptions extends ForwardOptions {
  /** Logits that are held at a time, at least those of one token; all of them when left out. */
  readonly most?: number;
}

/** −log p(target) of every token, (B,T), in nats. */
export function tokenLosses(
  model: Model,
  params: Params,
  { tokens, targets, positions }: Pick<BatchTensors, "tokens" | "targets" | "positions">,
  { most = Number.POSITIVE_INFINITY, ...options }: TokenLossOptions = {},
): tf.Tensor2D {
  const states = finalStates(model, params, tokens, positions, options);
  const [B, T, C] = states.shape;
  const [x, asked] = [tf.reshape(states, [B * T, C]), tf.reshape(targets, [B * T])];
  const rows = Math.max(1, Math.min(B * T, Math.floor(most / model.vocabSize)));
  const lossesOf = (part: tf.Tensor, wanted: tf.Tensor) =>
    crossEntropy(logitsOfStates(model, params, part as tf.Tensor2D), wanted as tf.Tensor1D);
  if (rows === B * T) return tf.reshape(lossesOf(x, asked), [B, T]);
  const parts = Array.from({ length: Math.ceil((B * T) / rows) }, (_, i) => () => {
    const [from, size] = [i * rows, Math.min(rows, B * T - i * rows)];
    return lossesOf(tf.slice(x, [from, 0], [size, C]), tf.slice(asked, from, size));
  });
  return tf.reshape(tf.concat(inTurn(parts)), [B, T]);
}
