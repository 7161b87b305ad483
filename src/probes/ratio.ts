/** A ratio of sums over cases, such as a share of variance, and how sure it is. */

export interface Ratio {
  /** NaN where the denominators sum to 0. */
  readonly value: number;
  readonly n: number;
  /** Null of one case. */
  readonly se: number | null;
}

/**
 * Σ numerators / Σ denominators, with its standard error by the delta method (Cochran 1977,
 * equation 6.13): the cases are independent, the two numbers of one case need not be.
 */
export function ratioWithError(numerators: readonly number[], denominators: readonly number[]): Ratio {
  const n = numerators.length;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const total = sum(denominators);
  const value = total === 0 ? Number.NaN : sum(numerators) / total;
  if (n < 2 || Number.isNaN(value)) return { value, n, se: null };
  const residuals = numerators.map((top, i) => (top - value * (denominators[i] as number)) ** 2);
  return { value, n, se: Math.sqrt((n / (n - 1)) * sum(residuals)) / Math.abs(total) };
}
