/** Distances between distributions and between vectors, in double precision. */

/**
 * Jensen-Shannon divergence of two distributions given as log-probabilities in nats; in bits, so in
 * [0, 1] (Lin 1991, equation 4.1).
 */
export function jensenShannonBits(logP: ArrayLike<number>, logQ: ArrayLike<number>): number {
  let nats = 0;
  for (let i = 0; i < logP.length; i++) {
    const p = Math.exp(logP[i] as number);
    const q = Math.exp(logQ[i] as number);
    const m = (p + q) / 2;
    if (p > 0) nats += (p / 2) * Math.log(p / m);
    if (q > 0) nats += (q / 2) * Math.log(q / m);
  }
  return Math.min(1, Math.max(0, nats / Math.LN2));
}

/**
 * 1 − cos of the angle between two vectors: 0 for one direction, 1 for a right angle, 2 for
 * opposites; NaN where one is zero.
 */
export function cosineDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? Number.NaN : Math.max(0, 1 - dot / Math.sqrt(aa * bb));
}

/** A number of finite ones, null where it is undefined. */
export const definedOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
