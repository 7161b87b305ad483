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
