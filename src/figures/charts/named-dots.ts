/**
 * A scatter of conditions: every seed a small dot, or intervals over seeds, and the condition's mean
 * a large dot with its name.
 */

import type { RenderFunction } from "@observablehq/plot";
import * as Plot from "@observablehq/plot";
import { encodingColor, encodingSymbol } from "../palette.ts";
import { CHARACTER_WIDTH } from "./lines.ts";
import { CHART_STYLE, type Chart } from "./plot.ts";

export interface NamedDot {
  readonly label: string;
  /** The encoding, which decides colour and symbol. */
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly seeds?: readonly { readonly x: number; readonly y: number }[];
  /** Intervals of `x` and of `y`. */
  readonly along?: Ends | undefined;
  readonly up?: Ends | undefined;
}

interface Ends {
  readonly low: number;
  readonly high: number;
}

export interface NamedDotsOptions {
  readonly label: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly width?: number;
  readonly height?: number;
  /** How many ranks there are, where both values are ranks: 1 is best, left and at the top. */
  readonly ranks?: number;
}

const MARGINS = { top: 34, right: 24, bottom: 46, left: 52 };
const LINE = 15;
const SVG = "http://www.w3.org/2000/svg";

export function namedDots(points: readonly NamedDot[], options: NamedDotsOptions): Chart {
  const { label, xLabel, yLabel, width = 720, height = 420 } = options;
  const ticks = width < 500 ? 4 : 8;
  const { axis, marks } = options.ranks === undefined ? VALUES : rankAxis(options.ranks);
  return {
    label,
    options: {
      ...{ width, height, marginTop: MARGINS.top, marginRight: MARGINS.right },
      ...{ marginBottom: MARGINS.bottom, marginLeft: MARGINS.left },
      style: CHART_STYLE,
      x: { label: xLabel, labelAnchor: "center", grid: true, nice: true, ticks, ...axis },
      y: {
        label: yLabel,
        labelOffset: MARGINS.left,
        grid: true,
        nice: true,
        ticks: 6,
        ...axis,
        reverse: options.ranks !== undefined,
      },
      marks: [
        ...marks,
        ...points.flatMap(spread),
        ...points.map((point) => {
          const color = encodingColor(point.kind);
          return Plot.dot([point], { x: "x", y: "y", r: 6, fill: color, symbol: encodingSymbol(point.kind) });
        }),
        names(points),
      ],
    },
  };
}

interface RankAxis {
  readonly axis: Plot.ScaleOptions;
  readonly marks: readonly Plot.Markish[];
}

const VALUES: RankAxis = { axis: {}, marks: [] };

/** Every rank has its line; on the diagonal the two ranks are one. */
function rankAxis(ranks: number): RankAxis {
  const ends = [1, ranks].map((rank) => ({ x: rank, y: rank }));
  const line = { x: "x", y: "y", stroke: "currentColor", strokeOpacity: 0.35, strokeDasharray: "3 4" };
  const ticks = Array.from({ length: ranks }, (_, i) => i + 1);
  const axis = { domain: [0.6, ranks + 0.4], nice: false, ticks, tickFormat: "d" };
  return { axis, marks: [Plot.line(ends, line)] };
}

function spread({ kind, x, y, seeds = [], along, up }: NamedDot): Plot.Markish[] {
  const color = encodingColor(kind);
  const bar = { stroke: color, strokeOpacity: 0.5 };
  return [
    ...(along === undefined ? [] : [Plot.ruleY([y], { x1: along.low, x2: along.high, ...bar })]),
    ...(up === undefined ? [] : [Plot.ruleX([x], { y1: up.low, y2: up.high, ...bar })]),
    ...(seeds.length > 1 ? [Plot.dot(seeds, { x: "x", y: "y", r: 2.5, fill: color, fillOpacity: 0.5 })] : []),
  ];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

const overlap = (a: Box, b: Box) =>
  Math.max(0, Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.top, b.top) + LINE - Math.max(a.top, b.top));

/** Names beside their dots, where they cover the least of each other, of the dots and of the edge. */
function names(points: readonly NamedDot[]): RenderFunction {
  return (_index, scales, _values, dimensions, context) => {
    const group = context.document.createElementNS(SVG, "g") as SVGGElement;
    group.setAttribute("font-weight", "600");
    const at = points.map(({ x, y }) => ({ x: scales.x?.(x) as number, y: scales.y?.(y) as number }));
    const taken: Box[] = at.map(({ x, y }) => ({ left: x - 7, top: y - LINE / 2, width: 14 }));
    const order = points.map((_, i) => i).sort((a, b) => (at[a]?.y ?? 0) - (at[b]?.y ?? 0));
    for (const i of order) {
      const [{ label, kind }, own] = [points[i] as NamedDot, at[i] as { x: number; y: number }];
      const width = [...label].length * (CHARACTER_WIDTH - 0.8);
      const costs = placesAround(own, width).map((box, k) => {
        const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
        const outside = Math.max(0, -box.left) + Math.max(0, box.left + width - dimensions.width);
        return { box, cost: covered + 40 * outside + k };
      });
      const { box } = costs.reduce((best, one) => (one.cost < best.cost ? one : best));
      taken.push(box);
      group.append(nameAt(context.document, { label, kind, box, own }));
    }
    return group;
  };
}

/** Right, left, above and below of a dot, and the same further off. */
const placesAround = ({ x, y }: { x: number; y: number }, width: number): Box[] =>
  [0, LINE, -LINE, 2 * LINE, -2 * LINE].flatMap((dy) => [
    { left: x + 10, top: y - LINE / 2 + dy, width },
    { left: x - 10 - width, top: y - LINE / 2 + dy, width },
    { left: x - width / 2, top: y + dy + (dy < 0 ? -LINE : 8), width },
  ]);

interface Named extends Pick<NamedDot, "label" | "kind"> {
  readonly box: Box;
  readonly own: { readonly x: number; readonly y: number };
}

/** The name, tied to its dot by a thin line where it stands off. */
function nameAt(document: Document, { label, kind, box, own }: Named): SVGGElement {
  const made = document.createElementNS(SVG, "g") as SVGGElement;
  const color = encodingColor(kind);
  const middle = box.top + LINE / 2;
  if (Math.abs(middle - own.y) >= LINE) {
    const tie = document.createElementNS(SVG, "line");
    const ends = {
      x1: own.x,
      y1: own.y,
      x2: box.left > own.x ? box.left - 2 : box.left + box.width / 2,
      y2: middle,
    };
    for (const [key, value] of Object.entries(ends)) tie.setAttribute(key, value.toFixed(1));
    tie.setAttribute("stroke", color);
    tie.setAttribute("stroke-opacity", "0.5");
    made.append(tie);
  }
  const text = document.createElementNS(SVG, "text");
  const halo = { stroke: "var(--paper, #ffffff)", "stroke-width": 3, "paint-order": "stroke" };
  const place = { x: box.left.toFixed(1), y: (middle + 4.5).toFixed(1), fill: color, ...halo };
  for (const [key, value] of Object.entries({ ...place, "text-anchor": "start" }))
    text.setAttribute(key, String(value));
  text.textContent = label;
  made.append(text);
  return made;
}
