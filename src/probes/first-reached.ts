/** When a curve first reaches what is asked for. */

/** A value at a step of training. */
export interface StepValue {
  readonly step: number;
  readonly value: number;
}

/**
 * The first step at which a curve is at the target or past it; null where it is not within its steps.
 *
 * @param better which way the target is passed
 */
export function firstReached(
  curve: readonly StepValue[],
  target: number,
  better: "higher" | "lower",
): number | null {
  const reached = curve.filter(({ value }) => (better === "higher" ? value >= target : value <= target));
  return reached.length === 0 ? null : Math.min(...reached.map(({ step }) => step));
}
