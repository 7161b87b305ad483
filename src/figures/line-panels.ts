/**
 * Curves in as many panels as can be told apart: at most five labelled lines each, and of more than
 * ten curves a small panel for every one. All panels have one pair of scales.
 */
import {
  type LineChartOptions,
  type LineSeries,
  lineChart,
  linesExtent,
  MOST_LINES,
  panels,
} from "./charts/lines.ts";
import { multiples } from "./charts/multiples.ts";
import { both, type ReportFigure } from "./figure.ts";

/** Charts of labelled lines, at most; more curves become small multiples. */
const MOST_CHARTS = 2;

/** @param options of every panel; `width` is the page's */
export function linePanels(
  series: readonly LineSeries[],
  options: Omit<LineChartOptions, "width">,
  document: Document,
): ReportFigure[] {
  const { behind = [], rules = [] } = options;
  const yDomain = options.yDomain ?? linesExtent([...series, ...behind], rules);
  const drawn = series.filter(({ points }) => points.length > 0);
  if (drawn.length > MOST_LINES * MOST_CHARTS) {
    const others = { others: true, yDomain };
    return [both((width) => multiples(drawn, { ...options, ...others, width }), document)];
  }
  return panels(series).map((some) =>
    both((width) => lineChart(some, { ...options, yDomain, width }), document),
  );
}
