/** Curves of controls, which are zero by a theorem, are left out of a figure; a sentence says so. */
import { fixed, listed } from "./format.ts";
import { orderBlindOf } from "./references.ts";
import type { Curve, DemoResult } from "./results.ts";
import { name } from "./words.ts";

/** Leaves controls out, whose curves are zero by a theorem, and says how near to it they were measured. */
export function withoutControls(results: readonly DemoResult[], all: readonly Curve[]) {
  const blind = orderBlindOf(results);
  const controls = all.filter(({ preset }) => blind.has(preset));
  const series = all.filter((one) => !controls.includes(one));
  if (controls.length === 0 || series.length === 0) return { series: all, note: "" };
  const largest = Math.max(...controls.flatMap(({ points }) => points.map(({ y }) => Math.abs(y))));
  const names = listed(controls.map(({ label }) => name(label)));
  return {
    series,
    note: `Not drawn: ${names}, zero by a theorem and ${fixed(largest, 4)} at most as measured.`,
  };
}
