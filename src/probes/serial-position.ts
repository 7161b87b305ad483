/**
 * The ends of a serial-position curve of a task's own problems: exact match where the item lies in
 * the first fifth of the input, and in the last, less that of the three fifths between (the probe
 * `needle` has the same of random tokens).
 */
import { meanWithError } from "../tensor/numbers.ts";
import type { MeasurementSite, Metric, Row } from "./probe.ts";

export const SERIAL_METRICS = {
  exact_match_primacy: {
    title: "primacy of exact match",
    unit: "difference of accuracies",
    better: "neither",
    meaning:
      "Exact match where the item asked for lies in the first fifth of the input, less that of the three fifths in the middle.",
  },
  exact_match_recency: {
    title: "recency of exact match",
    unit: "difference of accuracies",
    better: "neither",
    meaning:
      "Exact match where the item asked for lies in the last fifth of the input, less that of the three fifths in the middle.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

/**
 * @param fifths outcomes by the fifth, first one first; nothing is said unless both ends and the
 * middle have some
 */
export function serialRows(
  fifths: readonly (readonly [depth: number, right: readonly boolean[]])[],
  at: MeasurementSite,
): Row<keyof typeof SERIAL_METRICS>[] {
  const [first, last] = [fifths.at(0), fifths.at(-1)];
  const middle = fifths.slice(1, -1).flatMap(([, right]) => right);
  if (first === undefined || last === undefined || middle.length === 0) return [];
  if (first[0] > 0.2 || last[0] < 0.8) return []; // an end of the input holds no item that is asked for
  const less = (right: readonly boolean[]) => {
    const [end, between] = [meanWithError(right.map(Number)), meanWithError(middle.map(Number))];
    const se = end.se === null || between.se === null ? null : Math.hypot(end.se, between.se);
    return { value: end.value - between.value, n: right.length + middle.length, se };
  };
  return [
    { metric: "exact_match_primacy", ...less(first[1]), at },
    { metric: "exact_match_recency", ...less(last[1]), at },
  ];
}
