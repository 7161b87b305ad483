/// <reference path="./jstat.d.ts" />
/**
 * The two 95 % intervals of the report: over seeds (Student's t), and over the cases of one run
 * (Wilson's score, 1927).
 */
import jstat from "jstat";
import { mean } from "../tensor/numbers.ts";

/** Both ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The normal quantile of 0.975. */
const Z = 1.959963984540054;

/**
 * The mean's interval over independent seeds; undefined for fewer than two, or than are asked for.
 *
 * @example
 * const { low, high } = seedInterval([0.58, 0.6, 0.59]) ?? assert.fail();
 * assert.ok(low < 0.59 && high > 0.59);
 * assert.equal(seedInterval([0.58]), undefined); // one seed says nothing of others
 */
export function seedInterval(values: readonly number[], least = 2): Interval | undefined {
  const n = values.length;
  if (n < least) return undefined;
  const center = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (n - 1);
  const half = jstat.studentt.inv(0.975, n - 1) * Math.sqrt(variance / n);
  return { low: center - half, high: center + half };
}

/**
 * Where one further seed lies, in 95 of 100 cases: wider than the mean's interval, which says
 * nothing of one seed. Of normal values, mean ± t·s·√(1 + 1/n); undefined below three seeds.
 *
 * @param bounds what no value lies outside of, such as 0 and 1 of an accuracy
 * @example
 * const seeds = [0.58, 0.6, 0.59];
 * const [next, center] = [predictionInterval(seeds), seedInterval(seeds)];
 * assert.ok(next && center && next.low < center.low && next.high > center.high);
 */
export function predictionInterval(
  values: readonly number[],
  { low: least, high: most }: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
): Interval | undefined {
  const n = values.length;
  const around = seedInterval(values, 3);
  if (around === undefined) return undefined;
  const [center, half] = [(around.low + around.high) / 2, (around.high - around.low) / 2];
  const further = half * Math.sqrt(n + 1); // of t·s/√n
  return { low: Math.max(least, center - further), high: Math.min(most, center + further) };
}

/**
 * A fraction's interval over n cases; unlike the normal one it stays in [0, 1] and has a width at 0 and 1.
 *
 * @example
 * const { low, high } = fractionInterval(0.5, 100) ?? assert.fail();
 * assert.ok(low > 0.4 && high < 0.6);
 */
export function fractionInterval(fraction: number, n: number): Interval | undefined {
  if (n < 2 || !(fraction >= 0 && fraction <= 1)) return undefined;
  const middle = (fraction + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((fraction * (1 - fraction)) / n + (Z * Z) / (4 * n * n));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
