/** How soon presets learn, in a cell of a table: over seeds, some of which may never get there. */
import { middleOf } from "../compare/order.ts";
import { count, percent } from "./format.ts";
import type { DemoResult } from "./results.ts";

/** Steps of each seed that was asked; null where it did not get there. */
interface Learned {
  readonly threshold: number;
  readonly steps: readonly (number | null)[];
}

/** Of runs of one preset; undefined where none was asked. */
function learnedOf(runs: readonly DemoResult[]): Learned | undefined {
  const rows = runs.flatMap(({ measurements }) => {
    const row = measurements.find(({ metric }) => metric === "steps_to_accuracy");
    return row === undefined ? [] : [row];
  });
  const [first] = rows;
  if (first === undefined) return undefined;
  return { threshold: Number(first.at.threshold), steps: rows.map(({ value }) => value) };
}

const NEVER = "never";

/**
 * "600 (400–never)": by when half of the seeds had learned, and the first and the last. A seed that
 * never did has no number of steps, and no mean is taken.
 */
export function learnedText(runs: readonly DemoResult[]): string | undefined {
  const learned = learnedOf(runs);
  if (learned === undefined) return undefined;
  const reached = learned.steps.filter((steps) => steps !== null).sort((a, b) => a - b);
  const never = learned.steps.length - reached.length;
  const values = new Map(reached.map((steps, i) => [i, steps]));
  const missing = new Set(Array.from({ length: never }, (_, i) => reached.length + i));
  const text = (steps: number | undefined) => (steps === undefined ? NEVER : count(steps));
  const middle = text(middleOf({ values, missing }, "above"));
  const [first, last] = [text(reached[0]), never > 0 ? NEVER : text(reached.at(-1))];
  return first === last ? first : `${middle} (${first}–${last})`;
}

/** "steps to 95%"; undefined where no run was asked. */
export function learnedHeading(runs: readonly DemoResult[]): string | undefined {
  const learned = learnedOf(runs);
  return learned && `steps to ${percent(learned.threshold)}`;
}
