/**
 * Small multiples: a panel for each of many curves, all on one pair of scales, so that nothing has
 * to be told apart by its colour. The others stand behind each in grey, where that is asked for.
 */
import * as Plot from "@observablehq/plot";
import { encodingColor, encodingDash, RULE_DASH } from "../palette.ts";
import { strandMarks } from "./line-marks.ts";
import { CHARACTER_WIDTH, type LineChartOptions, type LineSeries, linesExtent } from "./lines.ts";
import { CHART_STYLE, type Chart } from "./plot.ts";

export interface Panel extends LineSeries {
  /** What the curve is a summary of: a dot each. */
  readonly dots?: readonly { readonly x: number; readonly y: number }[];
}

export interface MultiplesOptions
  extends Pick<
    LineChartOptions,
    "label" | "xLabel" | "yLabel" | "width" | "logX" | "xTicks" | "yDomain" | "yFormat" | "limit"
  > {
  /** Whether the curves of all panels stand behind each, in grey. */
  readonly others?: boolean;
  /** Curves behind all panels, thin and grey. */
  readonly behind?: readonly LineSeries[];
  /** Values to compare with in every panel: dotted. */
  readonly rules?: readonly { readonly y: number }[];
  readonly rootY?: boolean;
}

const MARGINS = { top: 34, right: 10, bottom: 42, left: 48 };
const TITLE = 20; // room above a panel
const PANEL = { wide: 118, narrow: 96 };

/** Panels in rows of three, or of two on a phone. */
export function multiples(panels: readonly Panel[], options: MultiplesOptions): Chart {
  const { width = 720, label, others = false, behind = [], rules = [], limit, logX = false } = options;
  const columns = Math.min(panels.length, width < 500 ? 2 : 3);
  const rows = Math.ceil(panels.length / columns);
  const placed = panels.map((panel, i) => ({ panel, fx: i % columns, fy: Math.floor(i / columns) }));
  const room = (width - MARGINS.left - MARGINS.right) / Math.max(1, columns) - 14;
  const grey = { stroke: "currentColor", strokeWidth: 1, strokeOpacity: 0.22 } as const;
  const [height] = [width < 500 ? PANEL.narrow : PANEL.wide];
  return {
    label,
    options: {
      width,
      height: MARGINS.top + rows * height + (rows - 1) * TITLE + MARGINS.bottom,
      ...{ marginTop: MARGINS.top, marginRight: MARGINS.right },
      ...{ marginBottom: MARGINS.bottom, marginLeft: MARGINS.left },
      style: CHART_STYLE,
      fx: { axis: null, domain: range(columns), padding: 0.06 },
      fy: { axis: null, domain: range(rows), padding: rows > 1 ? TITLE / height + 0.06 : 0 },
      x: {
        ...{ label: options.xLabel, labelAnchor: "center", ticks: options.xTicks ?? 2, tickSize: 3 },
        ...(logX ? { type: "log", base: 2, tickFormat: "d" } : {}),
        ...(options.xTicks ? { tickFormat: "d" } : {}),
      },
      y: {
        ...{ label: options.yLabel, labelAnchor: "top", labelOffset: MARGINS.left, ticks: 3, grid: true },
        domain: [...(options.yDomain ?? linesExtent([...panels, ...behind], rules))],
        ...(options.rootY ? { type: "sqrt" } : {}),
        ...(options.yFormat === undefined ? {} : { tickFormat: options.yFormat }),
      },
      marks: [
        ...(limit ? limitMarks(panels, limit.x) : []),
        ...[...(others ? panels : []), ...behind].map(({ points }) =>
          Plot.lineY(points, { x: "x", y: "y", ...grey }),
        ),
        ...rules.map(({ y }) =>
          Plot.ruleY([y], { stroke: "currentColor", strokeDasharray: RULE_DASH, strokeOpacity: 0.7 }),
        ),
        ...placed.flatMap(({ panel, fx, fy }) => panelMarks(panel, { fx: () => fx, fy: () => fy }, room)),
      ],
    },
  };
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** The rule at L_max and the region past it, in every panel. */
function limitMarks(panels: readonly Panel[], x: number): Plot.Markish[] {
  const end = Math.max(...panels.flatMap(({ points }) => points.map((point) => point.x)));
  return [
    ...(end > x ? [Plot.rectX([x], { x1: x, x2: end, fill: "currentColor", fillOpacity: 0.06 })] : []),
    Plot.ruleX([x], { stroke: "currentColor", strokeWidth: 1, strokeDasharray: "3 3" }),
  ];
}

interface Facet {
  readonly fx: () => number;
  readonly fy: () => number;
}

function panelMarks(panel: Panel, facet: Facet, room: number): Plot.Markish[] {
  const { label, kind, variant, points, dots = [], strands = [] } = panel;
  const color = encodingColor(kind);
  const dash = encodingDash(kind, variant);
  const banded = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  const line = { ...facet, x: "x", y: "y", stroke: color } as const;
  return [
    ...(banded.length > 1
      ? [Plot.areaY(banded, { ...facet, x: "x", y1: "low", y2: "high", fill: color, fillOpacity: 0.16 })]
      : []),
    ...strandMarks(strands, color, { ...facet }),
    Plot.dot(dots, { ...facet, x: "x", y: "y", r: 2, fill: color, fillOpacity: 0.55 }),
    Plot.lineY(points, { ...line, strokeWidth: 2, ...(dash === undefined ? {} : { strokeDasharray: dash }) }),
    ...(points.length === 1 ? [Plot.dot(points, { ...facet, x: "x", y: "y", r: 3, fill: color })] : []),
    Plot.text([fitting(label, room)], {
      ...{ ...facet, frameAnchor: "top-left", textAnchor: "start", dy: -14, fill: color, fontWeight: 600 },
    }),
  ];
}

/** A name, cut where its panel has no room for more. */
function fitting(label: string, room: number): string {
  const most = Math.max(4, Math.floor(room / (CHARACTER_WIDTH - 0.6)));
  return [...label].length > most ? `${[...label].slice(0, most - 1).join("")}…` : label;
}
