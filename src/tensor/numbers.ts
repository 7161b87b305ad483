/** Small reductions over plain numbers. */

/**
 * The mean; NaN of nothing.
 *
 * @example
 * assert.equal(mean([1, 2, 6]), 3);
 */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * A mean, how many values it is of, and its standard error: s/√n with n − 1 degrees of freedom,
 * null of one value.
 */
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
 * Σ sums / Σ counts over cases of unequal size, such as contexts, with the standard error of that
 * ratio over cases: of the residuals sum − value·count (Cochran 1977, section 6.4). The cases are
 * independent, the two numbers of one case need not be. Equal counts give `meanWithError` of the
 * quotients. NaN, without an error, where the counts add up to 0.
 *
 * @example
 * const { value, se } = ratioWithError([2, 5, 5], [1, 2, 3]); // residuals 0, 1, −1
 * assert.equal(value, 2);
 * assert.ok(Math.abs((se ?? 0) - Math.sqrt(3) / 6) < 1e-12);
 */
export function ratioWithError(sums: readonly number[], counts: readonly number[]): Mean {
  const n = sums.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const value = total === 0 ? Number.NaN : sums.reduce((sum, one) => sum + one, 0) / total;
  if (n < 2 || total === 0) return { value, n, se: null };
  const squares = sums.reduce((sum, one, i) => sum + (one - value * (counts[i] as number)) ** 2, 0);
  return { value, n, se: Math.sqrt((squares / (n - 1)) * n) / Math.abs(total) };
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
