/**
 * How often a model prefers the right answer when two words trade places: a dot for each encoding, guessing at one half.
 * Dots need no zero: the axis starts at 40% where nothing lies below.
 */
import * as Plot from "@observablehq/plot";
import { encodingColor } from "../palette.ts";
import { brokenName, CHARACTER_WIDTH } from "./lines.ts";
import type { Chart } from "./plot.ts";

export interface AccuracyRow {
  /** The encoding, which decides the colour. */
  readonly kind: string;
  /** A fraction in [0, 1]. */
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** "train" is drawn hollow. */
  readonly split: string;
  /** Known by a theorem, not estimated: a diamond without an interval. */
  readonly exact?: boolean;
}

const ROW_HEIGHT = 38;

/** Dots with intervals; rows of the same kind share a line. */
export function swapAccuracy(
  rows: readonly AccuracyRow[],
  options: { readonly label: string; readonly width?: number },
): Chart {
  const kinds = [...new Set(rows.map((row) => row.kind))];
  const written = (kind: string) => ((options.width ?? 720) < 500 ? brokenName(kind) : kind);
  const lowest = Math.min(...rows.map((row) => row.low ?? row.value));
  const longest = Math.max(
    4,
    ...kinds.flatMap((kind) =>
      written(kind)
        .split("\n")
        .map((line) => line.length),
    ),
  );
  return {
    label: options.label,
    options: {
      width: options.width ?? 720,
      height: 76 + ROW_HEIGHT * kinds.length,
      marginTop: 32,
      marginBottom: 44,
      marginLeft: Math.ceil(longest * CHARACTER_WIDTH) + 16,
      marginRight: 28,
      style: { fontSize: "13px", fontFamily: "inherit", background: "none", overflow: "visible" },
      x: {
        domain: [lowest < 0.42 ? 0 : 0.4, 1],
        ...{
          tickFormat: "%",
          grid: true,
          ticks: (options.width ?? 720) < 500 ? 3 : 5,
          labelAnchor: "center",
        },
        label: "right answer preferred →",
      },
      y: { domain: kinds, label: null, tickSize: 0, axis: null },
      marks: [
        Plot.axisY({ tickSize: 0, fontWeight: 600, label: null, tickFormat: written }),
        Plot.ruleX([0.5], { stroke: "currentColor", strokeDasharray: "3 3" }),
        Plot.text(["guessing"], { x: () => 0.5, frameAnchor: "top", dy: -14 }),
        ...rows.flatMap(rowMarks),
      ],
    },
  };
}

function rowMarks(row: AccuracyRow): Plot.Markish[] {
  const color = encodingColor(row.kind);
  const hollow = row.split === "train";
  const dy = hollow ? 7 : -4;
  const interval =
    row.exact || row.low === undefined || row.high === undefined
      ? []
      : [Plot.ruleY([row], { x1: "low", x2: "high", y: "kind", stroke: color, strokeWidth: 2, dy })];
  return [
    ...interval,
    Plot.dot([row], {
      ...{ x: "value", y: "kind", dy, r: hollow ? 4 : 5.5, stroke: color, strokeWidth: 2 },
      symbol: row.exact ? "diamond" : "circle",
      fill: hollow ? "var(--paper, #ffffff)" : color,
    }),
  ];
}
