/** How far the last token's hidden state moves, layer by layer, when two words of the story trade places. */
import { lineChart, panels } from "./charts/lines.ts";
import { withoutControls } from "./controls.ts";
import { both, type Figure } from "./figure.ts";
import { fixed } from "./format.ts";
import { type Curve, curves, type DemoResult } from "./results.ts";
import { extremes } from "./words.ts";

/** One line for each preset; y is 1 − cos of the two hidden states, 0 where the model cannot tell the stories apart. */
export const layerDistance: Figure = {
  id: "layers",
  heading: "Where in the network do the two stories part?",
  metrics: ["hidden_distance"],
  sentence,
  draw(results, document) {
    const { series, note } = withoutControls(results, byLayer(results));
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const options = {
      label: `Distance between a story's hidden state and its swap's by layer, a line for each preset. ${lead}`,
      xLabel: "layer →",
      yLabel: "↑ distance, 1 − cos",
      ...{ height: 320, dots: true },
    };
    return {
      figures: panels(series).map((some) =>
        both((width) => lineChart(some, { ...options, width, xTicks: layersOf(some) }), document),
      ),
      caption: `Both stories end in the same token; only the order of the words before it differs. ${note}`,
    };
  },
};

const byLayer = (results: readonly DemoResult[]) => curves(results, "hidden_distance", (at) => at.layer);

const layersOf = (series: readonly Curve[]) =>
  [...new Set(series.flatMap((one) => one.points.map((point) => point.x)))].sort((a, b) => a - b);

/** How far apart the last layer holds a story and its swap. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const ends = byLayer(results).flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [{ label, value: last.y }] : [];
  });
  const text = extremes(ends, (value) => fixed(value, 3));
  return text && `At the last layer measured, the distance between a story and its swap ${text}.`;
}
