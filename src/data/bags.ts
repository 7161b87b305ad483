/**
 * Counts of n equally likely draws, for scores of whoever sees a problem as a bag of words.
 *
 * Counts that are independent Poisson numbers of mean n/k are multinomial once their sum is n. So
 * the probability of "no count above m" is a coefficient of a power of a polynomial, with positive
 * terms alone: nothing cancels, and nothing overflows.
 */

/** Coefficients of x⁰ … xⁿ. */
export type Polynomial = Float64Array;

/** P(count = c) for c = 0 … n, of a Poisson number. */
export function poisson(mean: number, n: number): Polynomial {
  const p = new Float64Array(n + 1);
  p[0] = Math.exp(-mean);
  for (let c = 1; c <= n; c++) p[c] = ((p[c - 1] as number) * mean) / c;
  return p;
}

/** The product, up to the degree of the factors. */
export function times(a: Polynomial, b: Polynomial): Polynomial {
  const product = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const factor = a[i] as number;
    if (factor === 0) continue;
    for (let j = 0; i + j < a.length; j++)
      product[i + j] = (product[i + j] as number) + factor * (b[j] as number);
  }
  return product;
}

/** a⁰ … aᵏ */
export function powers(a: Polynomial, k: number): Polynomial[] {
  const one = new Float64Array(a.length);
  one[0] = 1;
  const all: Polynomial[] = [one];
  for (let i = 1; i <= k; i++) all.push(times(all[i - 1] as Polynomial, a));
  return all;
}

/** P(m), m = 0 … n: how likely the largest of the k counts of n draws is m. */
export function largestCount(n: number, k: number): number[] {
  const p = poisson(n / k, n);
  const total = poisson(n, n)[n] as number;
  const atMost = Array.from({ length: n + 1 }, (_, m) => {
    if (m * k < n) return 0;
    const bounded = p.map((value, c) => (c <= m ? value : 0));
    return (powers(bounded, k).at(-1) as Polynomial)[n] as number;
  });
  return atMost.map((value, m) => (value - (atMost[m - 1] ?? 0)) / total);
}

/** How many different bags n draws from k words make, over how many sequences: C(n+k−1, n) / kⁿ. */
export function bagsPerSequence(n: number, k: number): number {
  let share = 1;
  for (let i = 1; i <= n; i++) share *= (k - 1 + i) / i / k;
  return share;
}
