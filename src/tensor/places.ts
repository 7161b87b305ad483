/**
 * Numbers that each query has for each of P places (distances, buckets), read and gathered at the
 * place of every key.
 *
 * A place is a real number in [0, P − 1]: between two whole ones, their linear interpolation, by
 * the hat function hat(z) = max(0, 1 − |z|). The two sums are each other's transpose, so each is
 * the other's gradient.
 *
 * A few places are read by products of matrices with all the hats, T·S·P numbers, which is fast.
 * Where P grows with the context, that would be T³; more places are looked up by their index, and
 * no tensor has more than T·max(S, P)·B·H numbers.
 */
import { tf } from "./tf.ts";

/** Most places whose hats are made. */
const MOST_HATS = 64;

/** The places of keys in what each query has. */
export interface Places {
  /**
   * What each query has at the place of each key: y[b,h,i,j] = Σ_p hat(at_ij − p)·x[b,h,i,p].
   *
   * @param x (B,H,T,P)
   * @returns (B,H,T,S)
   */
  read(x: tf.Tensor4D): tf.Tensor4D;
  /**
   * What falls to each place, over keys: y[b,h,i,p] = Σ_j hat(at_ij − p)·x[b,h,i,j].
   *
   * @param x (B,H,T,S)
   * @returns (B,H,T,P)
   */
  sum(x: tf.Tensor4D): tf.Tensor4D;
}

/**
 * @param at (T,S), in [0, P − 1]
 *
 * @example
 * const places = placesOf(tf.tensor2d([[1, 0]]), 2); // T = 1, S = 2, P = 2
 * const y = places.read(tf.tensor4d([5, 7], [1, 1, 1, 2])); // (B,H,T,P) → (B,H,T,S)
 * assert.deepEqual([...(await y.data())], [7, 5]);
 */
export const placesOf = (at: tf.Tensor2D, P: number): Places =>
  P <= MOST_HATS ? placesByHats(at, P) : placesByIndex(at, P);

/**
 * The place of each key for each query in a table by distance, −reach … reach, or −reach … 0 where
 * causal: clip(j − i) + reach.
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
 * @example
 * const share = hats(tf.tensor2d([[0.25]]), 2); // (T,S,P) = (1,1,2)
 * assert.deepEqual([...(await share.data())], [0.75, 0.25]);
 */
export function hats(at: tf.Tensor2D, P: number): tf.Tensor3D {
  const distance = tf.abs(tf.sub(tf.expandDims(at, 2), tf.range(0, P))); // (T,S,P)
  return tf.relu(tf.sub(1, distance)) as tf.Tensor3D;
}

/** As products of matrices, which have a usable gradient on every engine. */
export function placesByHats(at: tf.Tensor2D, P: number): Places {
  const share = hats(at, P);
  return { read: (x) => readPlaces(x, share), sum: (x) => sumPlaces(x, share) };
}

/**
 * What each query has at the place of each key, by the hats of the places.
 *
 * @param x (B,H,T,P)
 * @param share (T,S,P), of `hats`
 * @returns (B,H,T,S)
 * @example
 * const share = hats(tf.tensor2d([[1, 0]]), 2); // (T,S,P)
 * const y = readPlaces(tf.tensor4d([5, 7], [1, 1, 1, 2]), share);
 * assert.deepEqual([...(await y.data())], [7, 5]);
 */
export function readPlaces(x: tf.Tensor4D, share: tf.Tensor3D): tf.Tensor4D {
  return byQuery(x, (rows) => tf.matMul(rows, share, false, true));
}

/**
 * What falls to each place, over keys, by the hats of the places.
 *
 * @param x (B,H,T,S)
 * @param share (T,S,P), of `hats`
 * @returns (B,H,T,P)
 * @example
 * const share = hats(tf.tensor2d([[1, 1]]), 2); // both keys at place 1
 * const y = sumPlaces(tf.tensor4d([5, 7], [1, 1, 1, 2]), share);
 * assert.deepEqual([...(await y.data())], [0, 12]);
 */
export function sumPlaces(x: tf.Tensor4D, share: tf.Tensor3D): tf.Tensor4D {
  return byQuery(x, (rows) => tf.matMul(rows, share));
}

/**
 * Applies a product (T,B·H,·) → (T,B·H,·) to (B,H,T,·): one for each query, over all rows and heads
 * at once.
 */
function byQuery(x: tf.Tensor4D, product: (rows: tf.Tensor3D) => tf.Tensor3D): tf.Tensor4D {
  const [B, H, T, N] = x.shape;
  const rows = tf.transpose(tf.reshape(x, [B * H, T, N]), [1, 0, 2]) as tf.Tensor3D; // (T,B·H,N)
  const y = product(rows);
  return tf.reshape(tf.transpose(y, [1, 0, 2]), [B, H, T, y.shape[2]]) as tf.Tensor4D;
}

/** By the indices of the two whole places around each, and how near it is to the upper one. */
export function placesByIndex(at: tf.Tensor2D, P: number): Places {
  const [T, S] = at.shape;
  const floor = tf.minimum(tf.floor(at), P - 2); // so that there is a next one
  const near = tf.reshape(tf.sub(at, floor), [T * S, 1]);
  // Whole numbers, since float32 ends at 2²⁴.
  const row = tf.mul(tf.range(0, T, 1, "int32"), tf.scalar(P, "int32"));
  const index = tf.reshape(tf.add(tf.expandDims(row, 1), tf.cast(floor, "int32")), [T * S]) as tf.Tensor1D;
  const around: Around = { index, near };
  return {
    read: (x) => linearOf(x, around, lookUp, addUp),
    sum: (x) => linearOf(x, around, (w, place) => addUp(w, place, P), lookUp),
  };
}

interface Around {
  /** Of the lower place among all queries' places, (T·S), int32. */
  readonly index: tf.Tensor1D;
  /** How much of the upper place each takes, (T·S,1). */
  readonly near: tf.Tensor;
}

/** @param N of places or keys in the result; default: as many as the linear map's input had */
type Linear = (x: tf.Tensor4D, around: Around, N?: number) => tf.Tensor4D;

/** A linear map whose gradient is its transpose. */
function linearOf(x: tf.Tensor4D, { index, near }: Around, map: Linear, transposed: Linear): tf.Tensor4D {
  const op = tf.customGrad((...args) => {
    const [given, save] = args as unknown as [tf.Tensor4D, tf.GradSaveFunc]; // what customGrad passes
    save([index, near]);
    const N = given.shape[3];
    const gradFunc = (dy: tf.Tensor, [index, near]: tf.Tensor[]) =>
      transposed(dy as tf.Tensor4D, { index, near } as Around, N);
    return { value: map(given, { index, near }), gradFunc };
  });
  return op(x) as tf.Tensor4D;
}

/** (B,H,T,P) → (B,H,T,S) */
const lookUp: Linear = (x, { index, near }) => {
  const [B, H, T] = x.shape;
  const table = rowsOf(x);
  const lower = tf.gather(table, index);
  const upper = tf.gather(table, tf.add(index, tf.scalar(1, "int32")) as tf.Tensor1D);
  const read = tf.add(tf.mul(lower, tf.sub(1, near)), tf.mul(upper, near));
  return tf.transpose(tf.reshape(read, [T, -1, B, H]), [2, 3, 0, 1]);
};

/** (B,H,T,S) → (B,H,T,P) */
const addUp: Linear = (x, { index, near }, P) => {
  const [B, H, T] = x.shape;
  const rows = rowsOf(x);
  const upper = tf.mul(rows, near);
  const places = T * (P as number); // each caller names them
  const next = tf.add(index, tf.scalar(1, "int32")) as tf.Tensor1D;
  const sums = tf.add(
    tf.unsortedSegmentSum(tf.sub(rows, upper), index, places),
    tf.unsortedSegmentSum(upper, next, places),
  );
  return tf.transpose(tf.reshape(sums, [T, -1, B, H]), [2, 3, 0, 1]);
};

/** (B,H,T,N) → (T·N,B·H): what belongs to a query and place lies together. */
const rowsOf = (x: tf.Tensor4D): tf.Tensor2D => {
  const [B, H, T, N] = x.shape;
  return tf.reshape(tf.transpose(x, [2, 3, 0, 1]), [T * N, B * H]);
};
