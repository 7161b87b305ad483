/**
 * Numbers that each query has for each of P places (distances, buckets), read and gathered at the place of every key.
 *
 * A place is a real number in [0, P − 1]: between two whole ones, their linear interpolation, by the hat function
 * hat(z) = max(0, 1 − |z|). The two sums are each other's transpose, so each is the other's gradient; as products of matrices they have a
 * usable one on every engine. No tensor has more than T·S·max(P, B·H) numbers.
 */
import { tf } from "./tf.ts";

/**
 * The place of each key for each query in a table by distance, −reach … reach, or −reach … 0 where causal: clip(j − i) + reach.
 *
 * @param positions (T) of queries and (S) of keys
 * @returns (T,S)
 */
export function distancePlaces(
  { query, key }: { readonly query: tf.Tensor1D; readonly key: tf.Tensor1D },
  reach: number,
  causal: boolean,
): tf.Tensor2D {
  const distance = tf.sub(tf.expandDims(key, 0), tf.expandDims(query, 1));
  return tf.add(tf.clipByValue(distance, -reach, causal ? 0 : reach), reach);
}

/**
 * How much of each place the key of each query takes: hat(at_ij − p).
 *
 * @param at (T,S), in [0, P − 1]
 * @returns (T,S,P); in each row of P at most two neighbours are not zero, and they sum to 1
 */
export function hats(at: tf.Tensor2D, P: number): tf.Tensor3D {
  const distance = tf.abs(tf.sub(tf.expandDims(at, 2), tf.range(0, P))); // (T,S,P)
  return tf.relu(tf.sub(1, distance)) as tf.Tensor3D;
}

/**
 * What each query has at the place of each key: y[b,h,i,j] = Σ_p hat(at_ij − p)·x[b,h,i,p].
 *
 * @param x (B,H,T,P)
 * @param share (T,S,P), of `hats`
 * @returns (B,H,T,S)
 */
export function readPlaces(x: tf.Tensor4D, share: tf.Tensor3D): tf.Tensor4D {
  return byQuery(x, (rows) => tf.matMul(rows, share, false, true));
}

/**
 * What falls to each place, over keys: y[b,h,i,p] = Σ_j hat(at_ij − p)·x[b,h,i,j].
 *
 * @param x (B,H,T,S)
 * @param share (T,S,P), of `hats`
 * @returns (B,H,T,P)
 */
export function sumPlaces(x: tf.Tensor4D, share: tf.Tensor3D): tf.Tensor4D {
  return byQuery(x, (rows) => tf.matMul(rows, share));
}

/** Applies a product (T,B·H,·) → (T,B·H,·) to (B,H,T,·): one for each query, over all rows and heads at once. */
function byQuery(x: tf.Tensor4D, product: (rows: tf.Tensor3D) => tf.Tensor3D): tf.Tensor4D {
  const [B, H, T, N] = x.shape;
  const rows = tf.transpose(tf.reshape(x, [B * H, T, N]), [1, 0, 2]) as tf.Tensor3D; // (T,B·H,N)
  const y = product(rows);
  return tf.reshape(tf.transpose(y, [1, 0, 2]), [B, H, T, y.shape[2]]) as tf.Tensor4D;
}
