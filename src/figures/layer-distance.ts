/** How far the last token's hidden states move, layer by layer, when two words of each story trade places. */
import type { LineChartOptions } from "./charts/lines.ts";
import { withoutControls } from "./controls.ts";
import type { Figure, ReportFigure } from "./figure.ts";
import { fixed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { type Curve, curves, type DemoResult } from "./results.ts";
import { extremes } from "./words.ts";

/**
 * One line for each preset: 1 − cos of the two states, 0 where the model cannot tell the stories
 * apart, and CKA of all the states, 1 there.
 */
export const layerDistance: Figure = {
  id: "layers",
  heading: "Where in the network do the two stories part?",
  metrics: ["hidden_distance"],
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const distance = withoutControls(results, byLayer(results, "hidden_distance"));
    const cka = withoutControls(results, byLayer(results, "hidden_cka"), 1);
    const aligned = cka.series.length > 0;
    return {
      figures: [
        ...lines(distance.series, document, {
          label: `Distance between a story's hidden state and its swap's by layer, a line for each preset. ${lead}`,
          yLabel: "↑ distance, 1 − cos",
        }),
        ...lines(cka.series, document, {
          label:
            "Linear CKA of the hidden states of stories and of their swaps by layer, a line for each preset.",
          yLabel: "↑ CKA of all stories and all swaps",
        }),
      ],
      caption: `Both stories end in the same token; only the order of the words before it differs. ${distance.note}${aligned ? ` ${CKA} ${cka.note}` : ""}`,
    };
  },
};

const CKA =
  "CKA is 1 where turning and scaling the states of all stories gives those of all swaps; a layer whose states are all the same has none.";

function lines(
  series: readonly Curve[],
  document: Document,
  said: Pick<LineChartOptions, "label" | "yLabel">,
): ReportFigure[] {
  const options = { ...said, xLabel: "layer →", height: 320, dots: true, xTicks: layersOf(series) };
  return linePanels(series, options, document);
}

const byLayer = (results: readonly DemoResult[], metric: string) => curves(results, metric, (at) => at.layer);

const layersOf = (series: readonly Curve[]) =>
  [...new Set(series.flatMap((one) => one.points.map((point) => point.x)))].sort((a, b) => a - b);

/** How far apart the last layer holds a story and its swap. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const ends = byLayer(results, "hidden_distance").flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [{ label, value: last.y }] : [];
  });
  const text = extremes(ends, (value) => fixed(value, 3));
  return text && `At the last layer measured, the distance between a story and its swap ${text}.`;
}
