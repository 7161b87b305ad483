/** How far the last token's hidden state moves, layer by layer, when two words of the story trade places. */
import { type LineSeries, lineChart } from "./lines.ts";
import type { Chart } from "./plot.ts";

/** One line for each encoding; y is 1 − cos of the two hidden states, 0 where the model cannot tell the stories apart. */
export function layerDistance(
  series: readonly LineSeries[],
  options: { readonly label: string; readonly width?: number },
): Chart {
  const layers = [...new Set(series.flatMap((one) => one.points.map((point) => point.x)))];
  return lineChart(series, {
    label: options.label,
    width: options.width ?? 720,
    height: 320,
    xLabel: "layer →",
    yLabel: "↑ distance, 1 − cos",
    xTicks: layers.sort((a, b) => a - b),
    dots: true,
  });
}
