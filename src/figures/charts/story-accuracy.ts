/** How often a story's question is answered right, by the story's length in tokens, up to and past L_max. */
import { type LineChartOptions, type LineSeries, lineChart } from "./lines.ts";
import { contextLimit, type LossByPositionOptions } from "./loss-by-position.ts";
import type { Chart } from "./plot.ts";

/** One line for each encoding and policy; y is a fraction of answers. */
export function storyAccuracy(
  series: readonly LineSeries[],
  options: LossByPositionOptions & Pick<LineChartOptions, "rules">,
): Chart {
  const { width = 720, height = 340, behind = [], bare = false, rules = [] } = options;
  return lineChart(series, {
    ...{ label: options.label, width, height, behind, bare, rules },
    logX: options.logX ?? false,
    xLabel: "tokens in the story →",
    yLabel: "↑ answers that are right",
    yDomain: [0, 1],
    yFormat: "%",
    dots: true,
    limit: options.context === undefined ? undefined : contextLimit(options.context),
  });
}
