/// <reference path="./jstat.d.ts" />
/**
 * One condition against another, paired by seed: both began with the same weights and saw the same
 * batches, so that the difference of a seed is free of what the seed did to both.
 *
 *     d_s = a_s − b_s        t = mean(d)·√n / s        s² = Σ (d_s − mean d)² / (n − 1)
 *
 * The seed is the unit of replication, never a case of its evaluation. Student's t holds its level
 * for few seeds, where a bootstrap of as many does not.
 */
import jstat from "jstat";
import { mean } from "../tensor/numbers.ts";
import type { Interval } from "./intervals.ts";

/** Fewer seeds give no interval. */
export const LEAST_SEEDS = 3;

/** The seeds that all have a value of, in ascending order. */
export function sharedSeeds([first, ...others]: readonly ReadonlyMap<number, number>[]): number[] {
  const seeds = [...(first?.keys() ?? [])];
  return seeds.filter((seed) => others.every((one) => one.has(seed))).sort((a, b) => a - b);
}

/** Differences of two conditions over the seeds that both have. */
export interface PairedDifference {
  /** In the order of the seeds. */
  readonly values: readonly number[];
  readonly n: number;
  /** NaN of no seed. */
  readonly mean: number;
  /** With n − 1 degrees of freedom; undefined below two seeds. */
  readonly sd?: number | undefined;
  /** Of the mean, by Student's t; undefined below three seeds. */
  readonly interval?: Interval | undefined;
  /** Of no difference, two-sided; undefined below three seeds. */
  readonly p?: number | undefined;
  /**
   * The smallest difference that so many seeds show in four of five experiments; undefined below
   * three seeds.
   */
  readonly detectable?: number | undefined;
}

/** How often a difference of the size of `detectable` is found. */
const POWER = 0.8;

/**
 * @param values the differences, a number a seed
 * @param alpha 1 − the level of the interval; where many comparisons are made, each at a part of it
 * @example
 * const { mean, p } = pairedDifference([0.1, 0.2, 0.3]);
 * assert.ok(Math.abs(mean - 0.2) < 1e-12 && p !== undefined && p > 0.05 && p < 0.1);
 */
export function pairedDifference(values: readonly number[], alpha = 0.05): PairedDifference {
  const n = values.length;
  const center = mean(values);
  if (n < 2) return { values, n, mean: center };
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (n - 1));
  if (n < LEAST_SEEDS) return { values, n, mean: center, sd };
  const error = sd / Math.sqrt(n);
  const quantile = jstat.studentt.inv(1 - alpha / 2, n - 1);
  return {
    ...{ values, n, mean: center, sd },
    interval: { low: center - quantile * error, high: center + quantile * error },
    p: twoSided(center, error, n - 1),
    detectable: (quantile + jstat.studentt.inv(POWER, n - 1)) * error,
  };
}

/** P(|t| ≥ |mean|/error). Where every seed has one difference, that is 0 unless the difference is. */
function twoSided(center: number, error: number, degrees: number): number {
  if (error === 0) return center === 0 ? 1 : 0;
  return 2 * upperTail(Math.abs(center) / error, degrees);
}

/** P(T ≥ t) = I_x(ν/2, ½)/2 with x = ν/(ν + t²), for t ≥ 0: exact where 1 − cdf(t) would round to 0. */
function upperTail(t: number, degrees: number): number {
  return jstat.beta.cdf(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

/**
 * The p of two one-sided tests that the difference lies outside ±margin (Schuirmann 1987): below α,
 * the two are equivalent within the margin. Undefined below three seeds.
 *
 * @param margin in the metric's unit, above 0
 * @example
 * const p = equivalenceP(pairedDifference([0.001, -0.002, 0.001]), 0.02);
 * assert.ok(p !== undefined && p < 0.05);
 */
export function equivalenceP({ n, mean: center, sd }: PairedDifference, margin: number): number | undefined {
  if (n < LEAST_SEEDS || sd === undefined) return undefined;
  const error = sd / Math.sqrt(n);
  const room = margin - Math.abs(center);
  if (error === 0) return room > 0 ? 0 : 1;
  const tail = upperTail(Math.abs(room) / error, n - 1);
  return room > 0 ? tail : 1 - tail;
}

/**
 * Holm's correction (1979): p-values that may each be held against α, whatever their dependence.
 *
 * @returns in the order given, at most 1
 * @example
 * assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const adjusted = new Array<number>(values.length);
  let most = 0;
  for (const [rank, i] of order.entries()) {
    most = Math.max(most, Math.min(1, (values.length - rank) * (values[i] as number)));
    adjusted[i] = most;
  }
  return adjusted;
}
