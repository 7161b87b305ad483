/**
 * A batch in parts, one a thread. The loops and products of a small model are too short to be shared
 * out one by one; its rows go side by side from the embedding to the gradient.
 */
import { lanes, sideBySide } from "../engine/compile.ts";
import { tf } from "../tensor/tf.ts";
import type { BatchTensors } from "./objective.ts";

/** Rows of a batch, as a batch of their own. */
export interface BatchPart {
  readonly rows: BatchTensors;
  /** The same rows of a tensor that is made for the whole batch; its shape is given as for this part. */
  of(shape: readonly number[], whole: (shape: number[]) => tf.Tensor): tf.Tensor;
}

/**
 * Least numbers (tokens times width) that a part is worth. On two cores two parts took 0.65 to 0.78
 * of the time of a whole batch from there on, and 1.2 to 1.3 at half as many.
 */
const LEAST_NUMBERS = 8192;

/** Each part is compiled, for seconds. */
const MOST_PARTS = 8;

/**
 * Runs `fn` of each part of a batch, in a compiled graph at the same time.
 *
 * @param width of the model
 * @param most parts; by default as many as the engine runs side by side, 8 at most
 */
export function inParts<R>(
  batch: BatchTensors,
  width: number,
  fn: (part: BatchPart) => R,
  most = Math.min(lanes(), MOST_PARTS),
): R[] {
  const [B, T] = batch.tokens.shape;
  const count = Math.max(1, Math.min(most, B, Math.floor((B * T * width) / LEAST_NUMBERS)));
  const start = (i: number) => Math.floor((B * i) / count);
  const part = (i: number) => () => fn(partOf(batch, start(i), start(i + 1)));
  return sideBySide(Array.from({ length: count }, (_, i) => part(i)));
}

function partOf(batch: BatchTensors, from: number, to: number): BatchPart {
  const [B, T] = batch.tokens.shape;
  if (to - from === B) return { rows: batch, of: (shape, whole) => whole([...shape]) };
  const cut = (x: tf.Tensor2D) => tf.slice(x, [from, 0], [to - from, T]);
  const { tokens, targets, weights } = batch;
  return {
    rows: { ...batch, tokens: cut(tokens), targets: cut(targets), weights: cut(weights) },
    of: ([first = 0, ...rest], whole) => {
      const each = first / (to - from); // of (B·T,…) T a row of the batch
      return tf.slice(whole([B * each, ...rest]), from * each, first);
    },
  };
}
