/**
 * A forest plot: means over seeds, or differences of them, a row each, with their interval, every
 * seed as a dot, and the band within which a difference does not matter.
 */
import * as Plot from "@observablehq/plot";
import { encodingColor } from "../palette.ts";
import { brokenName, CHARACTER_WIDTH } from "./lines.ts";
import type { Chart } from "./plot.ts";

export interface ForestRow {
  readonly label: string;
  /** The encoding, which decides the colour. */
  readonly kind: string;
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** The value, or the difference, of each seed. */
  readonly seeds: readonly number[];
}

export interface ForestOptions {
  readonly label: string;
  readonly xLabel: string;
  readonly width?: number;
  /** Half the width of the band of equivalence. */
  readonly margin?: number | undefined;
  /** Whether zero is a place to compare with: of differences it is. */
  readonly zero: boolean;
}

const ROW_HEIGHT = 38;

/** One row for each difference, in the order given. */
export function forest(rows: readonly ForestRow[], options: ForestOptions): Chart {
  const { width = 720, margin, zero } = options;
  const written = (label: string) => (width < 500 ? brokenName(label) : label);
  const lines = rows.flatMap(({ label }) => written(label).split("\n"));
  const longest = Math.max(4, ...lines.map((line) => line.length));
  const ends = rows.flatMap(({ mean, low = mean, high = mean, seeds }) => [low, high, ...seeds]);
  const band = zero ? [0, ...(margin === undefined ? [] : [-margin, margin])] : [];
  return {
    label: options.label,
    options: {
      width,
      height: 76 + ROW_HEIGHT * rows.length,
      marginTop: 32,
      marginBottom: 44,
      marginLeft: Math.ceil(longest * CHARACTER_WIDTH) + 16,
      marginRight: 28,
      style: { fontSize: "13px", fontFamily: "inherit", background: "none", overflow: "visible" },
      x: {
        domain: [Math.min(...ends, ...band), Math.max(...ends, ...band)],
        ...{ grid: true, nice: true, ticks: width < 500 ? 3 : 6, labelAnchor: "center" },
        label: options.xLabel,
      },
      y: { domain: rows.map(({ label }) => label), label: null, tickSize: 0, axis: null },
      marks: [
        ...(margin === undefined || !zero
          ? []
          : [Plot.rectX([margin], { x1: -margin, x2: margin, fill: "currentColor", fillOpacity: 0.08 })]),
        Plot.axisY({ tickSize: 0, fontWeight: 600, label: null, tickFormat: written }),
        ...(zero ? [Plot.ruleX([0], { stroke: "currentColor", strokeDasharray: "3 3" })] : []),
        ...rows.flatMap(rowMarks),
      ],
    },
  };
}

function rowMarks(row: ForestRow): Plot.Markish[] {
  const { label, kind, mean, low, high, seeds } = row;
  const color = encodingColor(kind);
  const one = [{ label, mean, low, high }];
  return [
    Plot.dot(seeds, { x: (value) => value, y: () => label, dy: 9, r: 2.5, fill: color, fillOpacity: 0.6 }),
    ...(low === undefined || high === undefined
      ? []
      : [Plot.ruleY(one, { x1: "low", x2: "high", y: "label", stroke: color, strokeWidth: 2, dy: -4 })]),
    Plot.dot(one, { x: "mean", y: "label", dy: -4, r: 5, fill: color }),
  ];
}
