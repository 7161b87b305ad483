/** Small reductions over plain numbers. */

/**
 * The mean; NaN of nothing.
 *
 * @example
 * assert.equal(mean([1, 2, 6]), 3);
 */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A mean, how many values it is of, and its standard error: s/√n with n − 1 degrees of freedom, null of one value. */
export interface Mean {
  readonly value: number;
  readonly n: number;
  readonly se: number | null;
}

/**
 * The mean with its standard error; a value of NaN of nothing.
 *
 * @example
 * assert.deepEqual(meanWithError([1, 2, 3]), { value: 2, n: 3, se: 1 / Math.sqrt(3) });
 */
export function meanWithError(values: readonly number[]): Mean {
  const n = values.length;
  const value = mean(values);
  if (n < 2) return { value, n, se: null };
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1);
  return { value, n, se: Math.sqrt(variance / n) };
}

/**
 * Index of the largest value, the first of equal ones.
 *
 * @example
 * assert.equal(argmax([0.1, 2, 1]), 1);
 */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
