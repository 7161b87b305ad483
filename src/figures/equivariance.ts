/** How far the last token's state moves, layer by layer, when the tokens before it are permuted. */
import { withoutControls } from "./controls.ts";
import { bands, type Figure } from "./figure.ts";
import { fixed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { materialsOf } from "./materials.ts";
import { type Curve, curves, type DemoResult } from "./results.ts";
import { extremes } from "./words.ts";

/** One line for each preset; y is the largest change of a channel, 0 where order plays no part. */
export const equivariance: Figure = {
  id: "equivariance",
  heading: "How far does its last state move with the order of the others?",
  metrics: ["invariance_error"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const { series, note } = withoutControls(results, byLayer(results));
    const options = {
      label: `Largest change of the last token's state by layer, a line for each preset. ${lead}`,
      xLabel: "layer →",
      yLabel: "↑ largest change of a channel",
      ...{ height: 320, dots: true },
    };
    return {
      figures: linePanels(series, { ...options, xTicks: layersOf(series) }, document),
      caption: `The tokens before the last one are permuted; a mean over permutations of the change in the channel that changes most. ${note} ${bands(series)}`,
    };
  },
};

/** Of one material: running text where there is some. */
const byLayer = (results: readonly DemoResult[]) =>
  curves(materialsOf(results)[0]?.results ?? [], "invariance_error", (at) => at.layer);

const layersOf = (series: readonly Curve[]) =>
  [...new Set(series.flatMap((one) => one.points.map((point) => point.x)))].sort((a, b) => a - b);

/** At the last layer. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const ends = byLayer(results).flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [{ label, value: last.y }] : [];
  });
  const text = extremes(ends, (value) => fixed(value));
  return (
    text &&
    `When the tokens before it are permuted, the largest change of a channel of the last token's state at the last layer ${text}.`
  );
}
