/** Conditions one by one, over their seeds. */
import { meanWithError } from "../tensor/numbers.ts";
import { type Censored, middleOf } from "./order.ts";

/** One thing that was varied, such as a preset, and a metric of it by seed. */
export interface Condition extends Censored {
  readonly name: string;
}

/** One condition by itself. */
export interface Summary {
  readonly name: string;
  /** In the order of the seeds. */
  readonly values: readonly { readonly seed: number; readonly value: number }[];
  /** Undefined where seeds have no value. */
  readonly mean?: number | undefined;
  /** Standard deviation over seeds; undefined below two. */
  readonly sd?: number | undefined;
  /** Seeds without a value, and the value that half of all seeds have reached, if they have. */
  readonly missing?: readonly number[];
  readonly middle?: number | undefined;
}

/**
 * From the lowest to the highest.
 *
 * @param lies where values that are missing lie
 */
export function summariesOf(conditions: readonly Condition[], lies: "above" | "below"): Summary[] {
  const censored = conditions.some(({ missing }) => missing !== undefined && missing.size > 0);
  const past = lies === "above" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const placed = conditions.map((condition) => {
    const middle = middleOf(condition, lies);
    const summary = summaryOf(condition);
    const place = censored ? (middle ?? past) : (summary.mean ?? Number.NaN);
    return { place, summary: censored ? { ...summary, middle } : summary };
  });
  return placed.sort((a, b) => (a.place === b.place ? 0 : a.place - b.place)).map(({ summary }) => summary);
}

function summaryOf({ name, values, missing = new Set() }: Condition): Summary {
  const sorted = [...values].sort(([a], [b]) => a - b).map(([seed, value]) => ({ seed, value }));
  if (missing.size > 0) return { name, values: sorted, missing: [...missing].sort((a, b) => a - b) };
  const { value: mean, se, n } = meanWithError(sorted.map(({ value }) => value));
  return { name, values: sorted, mean, ...(se !== null && { sd: se * Math.sqrt(n) }) };
}
