/** What the seeds of a condition gave, in few numbers: mean, spread, and the interval of the mean. */
import { type Interval, seedInterval } from "./intervals.ts";
import { LEAST_SEEDS } from "./paired.ts";
import { binomialInterval } from "./success.ts";
import type { Summary } from "./summaries.ts";

/** A summary with the 95 % interval of its mean; undefined below three seeds, and where one has no value. */
export interface MeanOfSeeds extends Summary {
  readonly interval?: Interval | undefined;
}

/**
 * @param success whether values are successes, 1, and failures, 0: the interval is then that of a
 *   probability, by Clopper and Pearson; else of a mean, by Student's t
 */
export function meanOfSeeds(summary: Summary, success = false): MeanOfSeeds {
  const { values, missing = [] } = summary;
  const interval =
    missing.length > 0
      ? undefined
      : intervalOf(
          values.map(({ value }) => value),
          success,
        );
  return interval === undefined ? summary : { ...summary, interval };
}

function intervalOf(values: readonly number[], success: boolean): Interval | undefined {
  if (!success) return seedInterval(values, LEAST_SEEDS);
  if (values.length < LEAST_SEEDS) return undefined;
  return binomialInterval(values.filter((value) => value === 1).length, values.length);
}
