/**
 * A value for each pair of tokens as a heat map: rows are queries, columns keys, and both are named
 * by their tokens.
 *
 * Colour is a pole's hue, its opacity |value| / limit, so zero is the page's own colour in light
 * and in dark. A pair without a value, which a causal model never sees, is hatched lightly, so that
 * it does not pass for zero.
 */
import * as Plot from "@observablehq/plot";
import { poleColor } from "../palette.ts";
import type { Chart } from "./plot.ts";

export interface TokenHeatmapOptions {
  readonly label: string;
  readonly tokens: readonly string[];
  /** |value| of the full colour. */
  readonly limit: number;
  /** Pixels. */
  readonly width?: number;
}

interface Cell {
  readonly row: number;
  readonly column: number;
  readonly strength: number;
}

const FONT = 12;
const CHARACTER = 7.3; // of DejaVu Sans at 12 px
const LONGEST = 9; // characters of a token that are shown
const LINE = 12; // pixels between two labels, at least

/** @param values (T,S); null where there is none */
export function tokenHeatmap(
  values: readonly (readonly (number | null)[])[],
  { label, tokens, limit, width = 240 }: TokenHeatmapOptions,
): Chart {
  const names = tokens.map(shortName);
  const margin = Math.ceil(Math.max(...names.map(({ length }) => length)) * CHARACTER) + 8;
  const side = (width - margin - 2) / Math.max(1, tokens.length);
  const ticks = everyNth(tokens.length, Math.max(1, Math.ceil(LINE / side)));
  const all = values.flatMap((row, i) => row.map((value, j) => ({ row: i, column: j, value })));
  const ofSign = (positive: boolean) =>
    all.flatMap(({ row, column, value }): Cell[] => {
      if (value === null || value === 0 || value > 0 !== positive) return [];
      const strength = Math.min(100, Math.round((Math.abs(value) / limit) * 100)) / 100;
      return strength === 0 ? [] : [{ row, column, strength }];
    });
  const scale = (): Plot.ScaleOptions => ({
    ...{ type: "band", domain: tokens.map((_, i) => i), padding: 0 },
    ...{ ticks, tickFormat: (i: number) => names[i] as string, tickSize: 0, tickPadding: 4, label: null },
  });
  return {
    label,
    options: {
      ...{ width, height: width, marginTop: margin, marginLeft: margin, marginRight: 2, marginBottom: 2 },
      style: { fontSize: `${FONT}px`, fontFamily: "inherit", background: "none", overflow: "visible" },
      x: { ...scale(), axis: "top", tickRotate: -90 },
      y: scale(),
      opacity: { type: "identity" },
      marks: [
        unseen(all.filter(({ value }) => value === null)),
        cells(ofSign(true), "positive"),
        cells(ofSign(false), "negative"),
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.35 }),
      ],
    },
  };
}

const cells = (data: readonly Cell[], pole: "positive" | "negative") =>
  Plot.cell(data, {
    ...{ x: "column", y: "row", fillOpacity: "strength", fill: poleColor(pole), inset: 0 },
    shapeRendering: "crispEdges",
  });

const unseen = (data: readonly { readonly row: number; readonly column: number }[]) =>
  Plot.cell(data, {
    ...{ x: "column", y: "row", fill: "currentColor", fillOpacity: 0.07, inset: 0 },
    shapeRendering: "crispEdges",
  });

/** A space that a tokenizer keeps in its pieces is drawn, and a line break too. */
function shortName(token: string): string {
  const shown = token.replaceAll("\n", "⏎").replaceAll(/^[ \u0120\u2581]/g, "·") || "∅";
  const characters = [...shown];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("")}…` : shown;
}

const everyNth = (count: number, step: number) =>
  Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
