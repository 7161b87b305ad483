/** What a line chart draws: curves with their bands and strands, and the rule at L_max. */
import * as Plot from "@observablehq/plot";
import { encodingColor, encodingDash } from "../palette.ts";

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Ends of an interval around y, drawn as a band where both are there. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

export interface LineSeries {
  readonly label: string;
  /** The encoding, which decides the colour; left out, the curve is of none. */
  readonly kind?: string | undefined;
  /** Counts the lines of one kind, and decides the dash. */
  readonly variant?: number;
  readonly points: readonly LinePoint[];
  /** What the curve is a summary of, such as the curve of each seed: thin. */
  readonly strands?: readonly (readonly LinePoint[])[] | undefined;
}

/** The last trained length, and what is said on both sides of it. */
export interface Limit {
  readonly x: number;
  readonly label: string;
  readonly past: string;
}

export function curveMarks(one: LineSeries, options: { readonly dots?: boolean }): Plot.Markish[] {
  const stroke = encodingColor(one.kind);
  const strokeDasharray = encodingDash(one.kind, one.variant);
  const banded = one.points.filter((p) => p.low !== undefined && p.high !== undefined);
  return [
    ...(banded.length > 1
      ? [Plot.areaY(banded, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.16 })]
      : []),
    ...strandMarks(one.strands ?? [], stroke),
    Plot.lineY(one.points, {
      ...{ x: "x", y: "y", stroke, strokeWidth: 2 },
      ...(strokeDasharray === undefined ? {} : { strokeDasharray }),
    }),
    ...(options.dots || one.points.length === 1
      ? [Plot.dot(one.points, { x: "x", y: "y", fill: stroke, r: 3 })]
      : []),
  ];
}

/** Thin curves behind the one that they are summed up by. */
export const strandMarks = (
  strands: readonly (readonly LinePoint[])[],
  stroke: string,
  facet: Readonly<Record<string, unknown>> = {},
): Plot.Markish[] =>
  strands.map((strand) =>
    Plot.lineY(strand, { ...facet, x: "x", y: "y", stroke, strokeWidth: 1, strokeOpacity: 0.45 }),
  );

/**
 * The rule and the shade; the words stand on both sides of the rule, or after it where the left has
 * no room for them.
 */
export function limitMarks(
  series: readonly LineSeries[],
  { limit, logX = false }: { readonly limit?: Limit | undefined; readonly logX?: boolean },
): Plot.Markish[] {
  if (limit === undefined) return [];
  const along = logX ? Math.log : (x: number) => x;
  const places = series.flatMap((one) => one.points.map((point) => point.x));
  const [start, end] = [Math.min(...places), Math.max(...places)];
  const crowded = along(limit.x) - along(start) < (along(end) - along(start)) / 4;
  const text = { frameAnchor: "top", dy: -20, fill: "currentColor", x: () => limit.x } as const;
  const after = { ...text, textAnchor: "start", dx: 5, fontWeight: "bold" } as const;
  return [
    ...(end > limit.x
      ? [Plot.rectX([limit], { x1: limit.x, x2: end, fill: "currentColor", fillOpacity: 0.06 })]
      : []),
    Plot.ruleX([limit.x], { stroke: "currentColor", strokeWidth: 1, strokeDasharray: "3 3" }),
    ...(crowded ? [] : [Plot.text([limit.label], { ...text, textAnchor: "end", dx: -5 })]),
    ...(end > limit.x ? [Plot.text([crowded ? `past ${limit.label}` : limit.past], after)] : []),
  ];
}
