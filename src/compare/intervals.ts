/// <reference path="./jstat.d.ts" />
/**
 * The two 95 % intervals of the report: over seeds (Student's t), and over the cases of one run
 * (Wilson's score, 1927).
 */
import jstat from "jstat";
import { mean } from "../tensor/numbers.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

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
