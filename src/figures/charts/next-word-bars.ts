/** The scales that bars of next-word probabilities share: 0 to 100%, a line for each bar. */
import type { PlotOptions } from "@observablehq/plot";
import { CHART_STYLE } from "./plot.ts";

interface Bars {
  /** Pixels of a line. */
  readonly row: number;
  readonly margins: {
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
    readonly left: number;
  };
}

/** @param lines names of the lines, top down: bars, headings and gaps */
export function nextWordBars(lines: readonly string[], { row, margins }: Bars): PlotOptions {
  return {
    height: margins.top + margins.bottom + row * lines.length,
    marginTop: margins.top,
    marginRight: margins.right,
    marginBottom: margins.bottom,
    marginLeft: margins.left,
    style: CHART_STYLE,
    x: {
      domain: [0, 1],
      tickFormat: "%",
      label: "probability of the next word →",
      labelAnchor: "center",
      ticks: 5,
    },
    y: { domain: lines, axis: null, padding: 0.1 },
  };
}
