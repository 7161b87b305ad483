/** How far predictions move when all positions are moved alike. */
import { lineChart, panels } from "./charts/lines.ts";
import { bands, both, type Figure } from "./figure.ts";
import { count, fixed, listed } from "./format.ts";
import { curves, type DemoResult } from "./results.ts";
import { name } from "./words.ts";

/** Below it, a number of three decimals is 0. */
const NOTHING = 0.0005;

export const shiftCost: Figure = {
  id: "shift",
  heading: "Do only distances count, or places too?",
  metrics: ["shift_js"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const series = byOffset(results);
    const options = {
      label: `Divergence of predictions by how far all positions are moved, a line for each preset. ${lead}`,
      ...{ xLabel: "positions moved →", yLabel: "↑ JS, bits", height: 320, logX: true, dots: true },
    };
    return {
      figures: panels(series).map((some) =>
        both((width) => lineChart(some, { ...options, width }), document),
      ),
      caption: `The same held-out contexts, each token's position raised by the same number; nothing else changes. A line ends where positions do. ${bands(series)}`,
    };
  },
};

const byOffset = (results: readonly DemoResult[]) =>
  curves(results, "shift_js", ({ offset }) => offset as number | undefined);

/** The largest divergence over offsets. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const ends = byOffset(results).flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [{ label, furthest: last.x, most: Math.max(...points.map(({ y }) => y)) }] : [];
  });
  if (ends.length === 0) return undefined;
  const still = ends.filter(({ most }) => most < NOTHING);
  const moved = ends.filter(({ most }) => most >= NOTHING);
  const least = (of: typeof ends) =>
    listed(of.map(({ label, most }) => `${fixed(most, 3)} bits in ${name(label)}`));
  const parts = [
    ...(still.length > 0 ? [`changes predictions by no more than ${least(still)}`] : []),
    ...(moved.length > 0
      ? [
          `moves predictions by as much as ${listed(
            moved.map(
              ({ label, most, furthest }) =>
                `${fixed(most, 3)} bits in ${name(label)} (up to ${count(furthest)} positions)`,
            ),
          )}`,
        ]
      : []),
  ];
  return `Moving all positions alike ${parts.join(", and ")}.`;
}
