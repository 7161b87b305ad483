/** The steps that a run has saved: their names, and which is the best. */
import { type LogLine, validationLosses } from "./log-lines.ts";

/** Folder name of a step: `step-000500`. */
export function stepName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** Step number of a folder name, undefined when it is not one of `stepName`. */
export function stepNumber(name: string): number | undefined {
  const step = Number(/^step-([0-9]{6,15})$/.exec(name)?.[1]);
  return stepName(step) === name ? step : undefined;
}

/**
 * The step with the lowest validation loss in the log, the earlier of two equal; the last when none
 * was validated.
 *
 * @param steps ascending
 */
export function bestOf<S extends { readonly step: number }>(
  steps: readonly S[],
  log: readonly LogLine[],
): S | undefined {
  const losses = new Map(validationLosses(log));
  const validated = steps.filter(({ step }) => losses.has(step));
  const loss = ({ step }: S) => losses.get(step) ?? Number.POSITIVE_INFINITY;
  return validated.reduce<S | undefined>(
    (best, next) => (best && loss(best) <= loss(next) ? best : next),
    validated[0] ?? steps.at(-1),
  );
}
