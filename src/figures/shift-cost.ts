/** How far predictions move when all positions are moved alike. */
import { bands, type Figure } from "./figure.ts";
import { count, fixed, listed, measured } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { type Curve, curves, type DemoResult } from "./results.ts";
import { name } from "./words.ts";

/**
 * In bits: what float32's rounding leaves of a divergence is far below, what a person would call a
 * change far above.
 */
const NOTHING = 1e-6;

export const shiftCost: Figure = {
  id: "shift",
  heading: "Do only distances count, or places too?",
  metrics: ["shift_js"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const [still, moved] = [byOffset(results).filter(isStill), byOffset(results).filter(isMoved)];
    const options = {
      label: `Divergence of predictions by how far all positions are moved, a line for each preset. ${lead}`,
      ...{ xLabel: "positions moved →", yLabel: "↑ JS, bits", height: 320, logX: true, dots: true },
    };
    const notes = [
      "The same held-out contexts, each token's position raised by the same number; nothing else changes.",
      ...(moved.length > 0 ? [`A line ends where positions do. ${bands(moved)}`.trim()] : []),
      ...(still.length > 0 && moved.length > 0
        ? [`Not drawn: ${namesOf(still)}, whose predictions stay the same.`]
        : []),
    ];
    return {
      figures: linePanels(moved, options, document),
      caption: notes.join(" "),
    };
  },
};

/** Of presets that have been moved at all. */
const byOffset = (results: readonly DemoResult[]) =>
  curves(results, "shift_js", ({ offset }) => offset as number | undefined).filter(
    ({ points }) => points.length > 0,
  );

const mostOf = ({ points }: Curve) => Math.max(...points.map(({ y }) => y));
const isStill = (curve: Curve) => mostOf(curve) < NOTHING;
const isMoved = (curve: Curve) => !isStill(curve);
const namesOf = (series: readonly Curve[]) => listed(series.map(({ label }) => name(label)));

/** The largest divergence over offsets. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const all = byOffset(results);
  if (all.length === 0) return undefined;
  const [still, moved] = [all.filter(isStill), all.filter(isMoved)];
  const most = moved.map((one) => {
    const furthest = count(one.points.at(-1)?.x ?? 0);
    return `${bits(mostOf(one))} bits in ${name(one.label)} (up to ${furthest} positions)`;
  });
  const parts = [
    ...(still.length > 0 ? [`changes no prediction in ${namesOf(still)}, up to float32's rounding`] : []),
    ...(moved.length > 0 ? [`moves predictions by as much as ${listed(most)}`] : []),
  ];
  return `Moving all positions alike ${parts.join("; it ")}.`;
}

const bits = (value: number) => (value < 0.0005 ? measured(value) : fixed(value, 3));
