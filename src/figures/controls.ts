/** Curves of controls, whose value a theorem gives, are left out of a figure; a sentence says so. */
import { fixed, listed } from "./format.ts";
import { orderBlindOf } from "./references.ts";
import type { Curve, DemoResult } from "./results.ts";
import { name } from "./words.ts";

/**
 * Leaves controls out and says how near to their value they were measured.
 *
 * @param exact what the theorem says of every point of a control's curve
 */
export function withoutControls(results: readonly DemoResult[], all: readonly Curve[], exact = 0) {
  const blind = orderBlindOf(results);
  const controls = all.filter(({ preset }) => blind.has(preset));
  const series = all.filter((one) => !controls.includes(one));
  if (controls.length === 0 || series.length === 0) return { series: all, note: "" };
  const largest = Math.max(...controls.flatMap(({ points }) => points.map(({ y }) => Math.abs(y - exact))));
  const names = listed(controls.map(({ label }) => name(label)));
  return {
    series,
    note:
      exact === 0
        ? `Not drawn: ${names}, zero by a theorem and ${fixed(largest, 4)} at most as measured.`
        : `Not drawn: ${names}, ${exact} by a theorem and at most ${fixed(largest, 4)} off as measured.`,
  };
}
