/// <reference path="./jstat.d.ts" />
/**
 * How often a training succeeds. Success at a length is bimodal over seeds: most either solve a
 * task or do not, and a mean of the two describes neither (arXiv:2502.17356).
 */
import jstat from "jstat";
import { mean } from "../tensor/numbers.ts";
import type { Interval } from "./intervals.ts";
import { LEAST_SEEDS, type PairedDifference } from "./paired.ts";

/** Whether values are successes, 1, and failures, 0, and no measure of how much. */
export const areSuccesses = (values: readonly number[]): boolean =>
  values.every((value) => value === 0 || value === 1);

/**
 * The differences of paired successes, each 1, 0 or −1: p by McNemar's exact test, for Student's t
 * holds of no such values. They have no interval.
 *
 * @example
 * assert.equal(pairedSuccess([1, 1, 1, 1, 0]).p, 0.125); // four seeds of four that differ
 */
export function pairedSuccess(differences: readonly number[]): PairedDifference {
  const n = differences.length;
  const found = { values: differences, n, mean: mean(differences) };
  if (n < LEAST_SEEDS) return found;
  const gained = differences.filter((value) => value > 0).length;
  const changed = differences.filter((value) => value !== 0).length;
  return { ...found, p: Math.min(1, 2 * atMost(Math.min(gained, changed - gained), changed)) };
}

/** P(X ≤ k) of n fair coins. */
function atMost(k: number, n: number): number {
  let [term, sum] = [2 ** -n, 2 ** -n];
  for (let i = 1; i <= k; i++) {
    term *= (n - i + 1) / i;
    sum += term;
  }
  return sum;
}

/**
 * The exact interval of a probability by k successes of n (Clopper and Pearson 1934): from 0 where
 * there is none, to 1 where all are.
 *
 * @example
 * const { low, high } = binomialInterval(2, 3);
 * assert.ok(low < 0.1 && high > 0.99);
 */
export function binomialInterval(k: number, n: number, alpha = 0.05): Interval {
  return {
    low: k === 0 ? 0 : jstat.beta.inv(alpha / 2, k, n - k + 1),
    high: k === n ? 1 : jstat.beta.inv(1 - alpha / 2, k + 1, n - k),
  };
}
