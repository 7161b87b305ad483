/**
 * Numbers in a grid, each in a cell whose colour says how large it is: a table that is read at a glance.
 *
 * The colour is a pole's hue at less than half its strength, so that the number keeps its contrast
 * in light and in dark.
 */
import * as Plot from "@observablehq/plot";
import { poleColor } from "../palette.ts";
import type { Chart } from "./plot.ts";

export interface GridCell {
  readonly row: string;
  readonly column: string;
  readonly text: string;
  /** From −1 to 1; left out, the cell has no colour. */
  readonly strength?: number | undefined;
}

export interface GridOptions {
  readonly label: string;
  /** Stands above the names of the rows. */
  readonly rowLabel: string;
  /** Of the chart, at most. */
  readonly width: number;
  /** Of a cell, at most. */
  readonly widest?: number;
}

const STRONGEST = 0.45;
const CELL_HEIGHT = 24;
const CHARACTER = 7.2; // of DejaVu Sans at 12 px, the widest of common faces
const LINE = 14;

/** Rows and columns come in the order of the cells; a name may have several lines. */
export function numberGrid(
  cells: readonly GridCell[],
  { label, rowLabel, width, widest = 84 }: GridOptions,
): Chart {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const columns = [...new Set(cells.map(({ column }) => column))];
  const linesOf = (names: readonly string[]) => names.map((name) => name.split("\n"));
  const longest = Math.max(...[...linesOf(rows).flat(), rowLabel].map((line) => line.length));
  const most = (names: readonly string[]) => Math.max(...linesOf(names).map((lines) => lines.length));
  const left = Math.ceil(longest * CHARACTER) + 10;
  const top = most(columns) * LINE + 10;
  const side = Math.min(widest, Math.floor((width - left - 4) / columns.length));
  const height = Math.max(CELL_HEIGHT, most(rows) * LINE + 4);
  const coloured = (negative: boolean) =>
    cells.filter(({ strength }) => strength !== undefined && strength < 0 === negative);
  return {
    label,
    options: {
      ...{ width: left + side * columns.length + 4, height: top + height * rows.length + 4 },
      ...{ marginLeft: left, marginTop: top, marginRight: 4, marginBottom: 4 },
      style: { fontSize: "12px", fontFamily: "inherit", background: "none", overflow: "visible" },
      x: { type: "band", domain: columns, padding: 0, axis: null },
      y: { type: "band", domain: rows, padding: 0, axis: null },
      opacity: { type: "identity" },
      marks: [
        cellMark(coloured(false), "positive"),
        cellMark(coloured(true), "negative"),
        Plot.cell(cells, { x: "column", y: "row", stroke: "currentColor", strokeOpacity: 0.2, fill: "none" }),
        Plot.text(cells, { x: "column", y: "row", text: "text", fill: "currentColor" }),
        Plot.text(columns, {
          x: (name) => name,
          text: (name) => name,
          frameAnchor: "top",
          lineAnchor: "bottom",
          dy: -5,
          fill: "currentColor",
        }),
        Plot.text(rows, {
          y: (name) => name,
          text: (name) => name,
          frameAnchor: "left",
          textAnchor: "end",
          dx: -6,
          fill: "currentColor",
        }),
        Plot.text([rowLabel], {
          frameAnchor: "top-left",
          textAnchor: "end",
          lineAnchor: "bottom",
          dx: -6,
          dy: -5,
          fill: "currentColor",
          text: (name) => name,
        }),
      ],
    },
  };
}

function cellMark(cells: readonly GridCell[], pole: "positive" | "negative"): Plot.Markish {
  return Plot.cell(cells, {
    ...{ x: "column", y: "row", inset: 0, fill: poleColor(pole) },
    fillOpacity: ({ strength = 0 }: GridCell) => STRONGEST * Math.min(1, Math.abs(strength)),
  });
}
