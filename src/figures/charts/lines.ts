/**
 * The line chart that the report's curves share: direct labels instead of a legend, bands for intervals, a rule at L_max
 * with the region past it shaded.
 */
import * as Plot from "@observablehq/plot";
import { encodingColor, encodingDash, RULE_DASH } from "../palette.ts";
import { type EndLabel, endLabels, LEADER } from "./end-labels.ts";
import { curveMarks, type Limit, type LinePoint, type LineSeries, limitMarks } from "./line-marks.ts";
import { CHART_STYLE, type Chart } from "./plot.ts";

export type { LinePoint, LineSeries } from "./line-marks.ts";

export interface LineChartOptions {
  readonly label: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Pixels; below 500 labels break before a parenthesis. */
  readonly width?: number;
  readonly height?: number;
  readonly logX?: boolean;
  readonly xTicks?: readonly number[];
  readonly yDomain?: readonly [number, number];
  readonly yFormat?: string;
  readonly dots?: boolean;
  /** Values to compare with, such as chance: dotted rules, labelled at their ends. */
  readonly rules?: readonly { readonly y: number; readonly label: string }[];
  /** Curves to compare with, thin and grey. */
  readonly behind?: readonly LineSeries[];
  /** Leave out the labels at the ends, where a title says what the line is. */
  readonly bare?: boolean;
  /** The last trained length: a rule, and the region past it shaded. */
  readonly limit?: Limit | undefined;
}

export const CHARACTER_WIDTH = 9.1; // of bold DejaVu Sans at 13 px, the widest of common faces
const MARGINS = { top: 30, bottom: 42, left: 48 };
const LIMIT_TEXT = 20; // more room above, for the words at the rule

/** The most labelled lines of one chart: more cannot be told apart. */
export const MOST_LINES = 5;

/** Series in as many charts as their lines need. */
export function panels<T>(series: readonly T[]): T[][] {
  const count = Math.ceil(series.length / MOST_LINES);
  const size = Math.ceil(series.length / Math.max(1, count)); // as even as can be
  return Array.from({ length: count }, (_, i) => series.slice(i * size, (i + 1) * size));
}

/** A name in lines of a narrow chart: broken before a parenthesis, and after the last hyphen of a long one. */
export function brokenName(name: string): string {
  return name.replace(" (", "\n(").replace(/^([^\n]{4,})-([^-\n]{3,})(?=\n|$)/, "$1-\n$2");
}

/** A line for each series; series without points are left out. */
export function lineChart(all: readonly LineSeries[], options: LineChartOptions): Chart {
  const series = all.filter((one) => one.points.length > 0);
  const { width = 720, height = 360, bare = false, behind = [], rules = [] } = options;
  const broken = (text: string) => (width < 500 ? brokenName(text) : text);
  const furthest = Math.max(...series.flatMap(({ points }) => points.map(({ x }) => x)));
  const labels = bare
    ? []
    : [
        ...series.map((one) => endLabel(one, broken(one.label))),
        ...behind.map((one) => ({ ...endLabel(one, broken(one.label)), color: "currentColor" })),
        ...rules.map(({ y, label }) => ({
          ...{ lines: broken(label).split("\n"), x: furthest, y, color: "currentColor", dash: RULE_DASH },
        })),
      ];
  const extents = [...(options.yDomain ?? linesExtent([...series, ...behind], rules))];
  const longest = Math.max(0, ...labels.flatMap(({ lines }) => lines.map((line) => line.length)));
  return {
    label: options.label,
    options: {
      width,
      height,
      marginTop: MARGINS.top + (options.limit ? LIMIT_TEXT : 0),
      marginBottom: MARGINS.bottom,
      marginLeft: MARGINS.left,
      marginRight: bare ? 22 : LEADER + Math.ceil(longest * CHARACTER_WIDTH),
      style: CHART_STYLE,
      x: xScale(options),
      y: {
        label: options.yLabel,
        domain: extents,
        grid: true,
        ticks: isSmall(extents) ? 3 : 6,
        labelOffset: MARGINS.left,
        ...tickFormatOf(options, extents),
      },
      marks: [
        ...limitMarks(series, options),
        ...behind.map((one) =>
          Plot.lineY(one.points, {
            x: "x",
            y: "y",
            stroke: "currentColor",
            strokeWidth: 1,
            strokeOpacity: 0.3,
          }),
        ),
        ...series.flatMap((one) => curveMarks(one, options)),
        ...rules.map(({ y }) => Plot.ruleY([y], { stroke: "currentColor", strokeDasharray: RULE_DASH })),
        endLabels(labels),
      ],
    },
  };
}

function xScale(options: LineChartOptions): Plot.ScaleOptions {
  return {
    label: options.xLabel,
    labelAnchor: "center",
    ...(options.logX ? { type: "log", base: 2, tickFormat: "d" } : {}),
    ...(options.xTicks
      ? { ticks: options.xTicks, tickFormat: "d" }
      : { ticks: (options.width ?? 720) < 500 ? 4 : 8 }),
  };
}

/** Powers of ten where decimals would not fit beside the axis. */
const isSmall = (domain: readonly number[]) => Math.max(...domain.map(Math.abs)) < 1e-3;

function tickFormatOf({ yFormat }: LineChartOptions, domain: readonly number[]): { tickFormat?: string } {
  const format = yFormat ?? (isSmall(domain) ? "~e" : undefined);
  return format === undefined ? {} : { tickFormat: format };
}

/** From a little below the lowest value (or zero, when near) to a little above the highest. */
export function linesExtent(
  series: readonly LineSeries[],
  rules: readonly { readonly y: number }[],
): readonly [number, number] {
  const points = series.flatMap((one) => [...one.points, ...(one.strands ?? []).flat()]);
  const values = points.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]);
  values.push(...rules.map(({ y }) => y));
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = (high - low || Math.abs(high) || 1) * 0.05;
  return [low >= 0 && low < high / 2 ? 0 : low - pad, high + pad];
}

/** A label for the end of each line. */
function endLabel(one: LineSeries, text: string): EndLabel {
  const end = one.points.at(-1) as LinePoint;
  const [color, dash] = [encodingColor(one.kind), encodingDash(one.kind, one.variant)];
  return { lines: text.split("\n"), x: end.x, y: end.y, color, dash };
}
