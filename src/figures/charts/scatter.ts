/** Dots with names: two numbers of each condition, against each other, with their intervals. */
import * as Plot from "@observablehq/plot";
import { encodingColor } from "../palette.ts";
import { endLabels, LEADER } from "./end-labels.ts";
import { CHARACTER_WIDTH } from "./lines.ts";
import { CHART_STYLE, type Chart } from "./plot.ts";

export interface ScatterDot {
  readonly label: string;
  /** The encoding, which decides the colour. */
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly xLow?: number | undefined;
  readonly xHigh?: number | undefined;
  readonly yLow?: number | undefined;
  readonly yHigh?: number | undefined;
}

export interface ScatterOptions {
  readonly label: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly width?: number;
}

/** Names stand at the right, each tied to its dot. */
export function scatter(dots: readonly ScatterDot[], options: ScatterOptions): Chart {
  const { width = 720 } = options;
  const longest = Math.max(4, ...dots.map(({ label }) => label.length));
  const names = dots.map(({ label, kind, x, y }) => ({
    ...{ lines: [label], x, y, color: encodingColor(kind), dash: "1 4" },
  }));
  return {
    label: options.label,
    options: {
      ...{ width, height: Math.max(360, 90 + 17 * dots.length) },
      ...{ marginTop: 36, marginBottom: 44, marginLeft: 52 },
      marginRight: LEADER + Math.ceil(longest * CHARACTER_WIDTH),
      style: CHART_STYLE,
      x: {
        domain: domainOf(dots.flatMap((one) => [one.x, one.xLow, one.xHigh])),
        ...{ grid: true, label: options.xLabel, labelAnchor: "center", ticks: width < 500 ? 3 : 7 },
      },
      y: {
        domain: domainOf(dots.flatMap((one) => [one.y, one.yLow, one.yHigh])),
        ...{ grid: true, label: options.yLabel, ticks: 5, labelOffset: 48 },
      },
      marks: [...dots.flatMap(dotMarks), endLabels(names)],
    },
  };
}

function domainOf(ends: readonly (number | undefined)[]): [number, number] {
  const known = ends.filter((end) => end !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const pad = 0.04 * (high - low || 1);
  return [low - pad, high + pad];
}

function dotMarks(one: ScatterDot): Plot.Markish[] {
  const stroke = encodingColor(one.kind);
  const bar = { stroke, strokeOpacity: 0.5 };
  return [
    ...(one.xLow === undefined || one.xHigh === undefined
      ? []
      : [Plot.ruleY([one], { x1: "xLow", x2: "xHigh", y: "y", ...bar })]),
    ...(one.yLow === undefined || one.yHigh === undefined
      ? []
      : [Plot.ruleX([one], { y1: "yLow", y2: "yHigh", x: "x", ...bar })]),
    Plot.dot([one], { x: "x", y: "y", fill: stroke, r: 4.5 }),
  ];
}
