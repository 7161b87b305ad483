/// <reference path="./jstat.d.ts" />
/**
 * How often a training succeeds. Success at a length is bimodal over seeds: most either solve a task or do not, and a mean
 * of the two describes neither (arXiv:2502.17356).
 */
import jstat from "jstat";
import type { Interval } from "./intervals.ts";

export interface Success extends Interval {
  readonly successes: number;
  readonly n: number;
  /** successes/n; NaN of no seed. */
  readonly value: number;
}

/**
 * The share of seeds whose value reaches a threshold, with the exact binomial interval (Clopper and Pearson 1934).
 *
 * @example
 * const { value, low, high } = successOver([1, 1, 0.2], 0.5);
 * assert.ok(value === 2 / 3 && low < 0.1 && high > 0.99);
 */
export function successOver(values: readonly number[], threshold: number, alpha = 0.05): Success {
  const successes = values.filter((value) => value >= threshold).length;
  const n = values.length;
  return { successes, n, value: successes / n, ...binomialInterval(successes, n, alpha) };
}

/** Of a probability by k successes of n: from 0 where there is none, to 1 where all are. */
export function binomialInterval(k: number, n: number, alpha = 0.05): Interval {
  return {
    low: k === 0 ? 0 : jstat.beta.inv(alpha / 2, k, n - k + 1),
    high: k === n ? 1 : jstat.beta.inv(1 - alpha / 2, k + 1, n - k),
  };
}
