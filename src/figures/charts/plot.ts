/**
 * Draws a chart: Plot's options and a sentence in, a labelled SVG out, in a page or in Node.
 *
 * A chart file makes plain data; only this file calls Plot, so the library can be swapped here.
 * Plot puts aria-labels on inner groups, where ARIA allows none (axe: aria-prohibited-attr), and
 * leaves out the namespace that a file needs.
 */
import * as Plot from "@observablehq/plot";

/** What all charts share: the page's face at 13 px, and no background of their own. */
export const CHART_STYLE = {
  fontSize: "13px",
  fontFamily: "inherit",
  background: "none",
  overflow: "visible",
} as const;

/** A figure before it is drawn. */
export interface Chart {
  /** What a reader who cannot see the figure should hear: its axes and its finding. */
  readonly label: string;
  readonly options: Plot.PlotOptions;
}

/**
 * The chart as an element of `document`: the page's, or `nodeDocument()` in Node.
 * @throws TypeError if the options make Plot return something other than an SVG, as a title or a legend does
 */
export function drawChart(chart: Chart, document: Document): Element {
  const svg = Plot.plot({ ...chart.options, document });
  if (svg.tagName.toLowerCase() !== "svg") {
    throw new TypeError(`drawChart: Plot made a <${svg.tagName}>, not an <svg>; leave out title and legend`);
  }
  for (const inner of svg.querySelectorAll("[aria-label]")) inner.removeAttribute("aria-label");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", chart.label.replaceAll(/[<>`]/g, ""));
  return svg;
}

/** The chart as SVG text, for a page or a file. */
export function chartSvg(chart: Chart, document: Document): string {
  return drawChart(chart, document).outerHTML;
}
