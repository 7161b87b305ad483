/** What it costs a model that the words before the last one are reordered, by how much of their order is lost. */
import { type LineSeries, lineChart } from "./lines.ts";
import type { Chart } from "./plot.ts";

/** One line for each encoding; x is the share of token pairs that trade order, y the rise in the true answer's loss. */
export function shuffleCost(
  series: readonly LineSeries[],
  options: { readonly label: string; readonly width?: number },
): Chart {
  return lineChart(series, {
    label: options.label,
    width: options.width ?? 720,
    height: 320,
    xLabel: "share of pairs inverted →",
    yLabel: "↑ rise in loss of the true answer, nats",
    dots: true,
  });
}
