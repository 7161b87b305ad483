/**
 * Which keys a query sees: under a causal mask those up to its own token, and where the layer has a
 * sliding window of W tokens (`model.window`) those with |i − j| < W (Beltagy et al. 2020,
 * arXiv:2004.05150). Order in the context decides, not positions.
 */
import { tf } from "../tensor/tf.ts";
import { type ByLayer, ofLayers } from "./by-layer.ts";

/** Added to the score of a key that a query must not see: its weight underflows to exactly zero. */
export const MASKED = -1e9;

export interface Sight {
  readonly causal: boolean;
  /** W; without it the whole context is seen. */
  readonly window?: number | undefined;
}

/** W of a layer that has none. */
const ENDLESS = Number.POSITIVE_INFINITY;

/** `model.window` of a layer. */
export function sightOf(
  {
    config,
    shape,
  }: {
    readonly config: { readonly window?: ByLayer<number | null> | undefined };
    readonly shape: { readonly causal: boolean; readonly layers: number };
  },
  layer: number,
): Sight {
  const { window = null } = config;
  return { causal: shape.causal, window: ofLayers(window, shape.layers)[layer] ?? undefined };
}

/** Keys first … end − 1 of T are those that query i sees. */
export function keysSeen(
  { causal, window = ENDLESS }: Sight,
  i: number,
  T: number,
): readonly [first: number, end: number] {
  return [Math.max(0, i - window + 1), causal ? i + 1 : Math.min(T, i + window)];
}

/** Whether no window hides a key from queries first … first + T − 1 of S tokens. */
export function seesAll({ causal, window = ENDLESS }: Sight, first: number, T: number, S: number): boolean {
  return (causal ? first + T : Math.max(first + T, S - first)) <= window;
}

/** Hides the keys that a query does not see. @param scores (B,H,T,S), queries first … first + T − 1 of S tokens */
export function hideUnseen(scores: tf.Tensor4D, first: number, sight: Sight): tf.Tensor4D {
  const [, , T, S] = scores.shape;
  const { causal, window = ENDLESS } = sight;
  if (!seesAll(sight, first, T, S)) return tf.add(scores, windowMask(first, T, S, window, causal));
  return causal ? hideLater(scores, first) : scores;
}

/** (T,S) */
function windowMask(first: number, T: number, S: number, window: number, causal: boolean): tf.Tensor2D {
  const query = tf.range(first, first + T, 1, "int32");
  const distance = tf.sub(tf.expandDims(query, 1), tf.expandDims(tf.range(0, S, 1, "int32"), 0));
  const far = tf.greaterEqual(causal ? distance : tf.abs(distance), window);
  const hidden = causal ? tf.logicalOr(far, tf.less(distance, 0)) : far;
  return tf.mul(tf.cast(hidden, "float32"), MASKED);
}

/**
 * Hides the keys that come after a query.
 *
 * Keys before the first query are all seen. They are left out of the mask, (T,T), which is the same
 * for all parts of a context: TensorFlow keeps a mask for each query and key as a constant,
 * gigabytes for 16,384 tokens.
 *
 * @param scores (B,H,T,first + T)
 */
function hideLater(scores: tf.Tensor4D, first: number): tf.Tensor4D {
  const T = scores.shape[2];
  if (T === 1) return scores; // the last token: nothing comes later
  const index = tf.range(0, T, 1, "int32");
  const later = tf.less(tf.expandDims(index, 1), tf.expandDims(index, 0));
  const mask = tf.mul(tf.cast(later, "float32"), MASKED);
  if (first === 0) return tf.add(scores, mask);
  const [seen, own] = tf.split(scores, [first, T], 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat([seen, tf.add(own, mask) as tf.Tensor4D], 3);
}
