/** Validation loss by training step. */
import { type LineChartOptions, type LineSeries, lineChart } from "./lines.ts";
import type { Chart } from "./plot.ts";

/** One line for each encoding; y is the mean negative log-likelihood in nats. */
export function trainingCurves(
  series: readonly LineSeries[],
  options: Pick<LineChartOptions, "label" | "width" | "rules">,
): Chart {
  return lineChart(series, {
    label: options.label,
    width: options.width ?? 720,
    rules: options.rules ?? [],
    height: 320,
    xLabel: "training step →",
    yLabel: "↑ validation loss, nats per token",
  });
}
