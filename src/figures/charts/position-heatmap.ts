/**
 * A matrix about positions as a heat map: the table P itself, or how alike its rows are.
 *
 * Colour is a pole's hue, its opacity |value| / limit, so zero is the page's own colour in light
 * and in dark. Plot's own colour legend needs a canvas, which Node lacks; the ramp here is drawn as
 * rectangles.
 */
import * as Plot from "@observablehq/plot";
import { poleColor } from "../palette.ts";
import { CHART_STYLE, type Chart } from "./plot.ts";

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major, rows·columns values. */
  readonly values: Float32Array | readonly number[];
}

export interface HeatmapOptions {
  readonly label: string;
  readonly rowLabel: string;
  readonly columnLabel: string;
  /** |value| of the full colour; the largest |value| if left out. */
  readonly limit?: number | undefined;
  /** Pixels for the longer side of the cells, at most. */
  readonly size?: number;
}

interface Cell {
  readonly row: number;
  readonly column: number;
  /** |value| / limit in hundredths, which is as fine as a screen shows. */
  readonly strength: number;
}

const MAX_CELLS = 128; // per side: beyond this a cell is under three pixels, and the page grows by megabytes
const MARGINS = { top: 40, right: 10, bottom: 42, left: 48 };
const SVG = "http://www.w3.org/2000/svg";

/**
 * One rectangle a cell; of a matrix above 128 rows or columns, every n-th is drawn.
 * @throws TypeError if there are not rows·columns values
 */
export function positionHeatmap(matrix: Matrix, options: HeatmapOptions): Chart {
  const { rows, columns, values } = matrix;
  if (values.length !== rows * columns || values.length === 0) {
    throw new TypeError(
      `positionHeatmap: ${values.length} values for ${rows} rows and ${columns} columns; give rows·columns of them`,
    );
  }
  const limit = options.limit ?? (largest(values) || 1);
  const [rowStep, columnStep] = [Math.ceil(rows / MAX_CELLS), Math.ceil(columns / MAX_CELLS)];
  const [height, width] = [Math.ceil(rows / rowStep), Math.ceil(columns / columnStep)];
  const side = Math.max(1, Math.floor((options.size ?? 256) / Math.max(height, width)));
  const [cellHeight, cellWidth] = [stretched(height, width, side), stretched(width, height, side)];
  const { positive, negative } = cells(matrix, limit, rowStep, columnStep);
  return {
    label: options.label,
    options: {
      width: MARGINS.left + width * cellWidth + MARGINS.right,
      height: MARGINS.top + height * cellHeight + MARGINS.bottom,
      marginTop: MARGINS.top,
      marginRight: MARGINS.right,
      marginBottom: MARGINS.bottom,
      marginLeft: MARGINS.left,
      style: CHART_STYLE,
      x: band(columns, columnStep, `${options.columnLabel} →`),
      y: { ...band(rows, rowStep, `↓ ${options.rowLabel}`), labelAnchor: "top", labelOffset: MARGINS.left },
      opacity: { type: "identity" },
      marks: [
        cellMark(positive, "positive"),
        cellMark(negative, "negative"),
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.35 }),
        ramp(limit),
      ],
    },
  };
}

/** A short side is stretched, to twice the pixels a cell, so that a wide table is not a thin strip. */
function stretched(count: number, other: number, side: number): number {
  return count * 2 <= other ? side * 2 : side;
}

function largest(values: Matrix["values"]): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

function cells(matrix: Matrix, limit: number, rowStep: number, columnStep: number) {
  const positive: Cell[] = [];
  const negative: Cell[] = [];
  for (let row = 0; row < matrix.rows; row += rowStep) {
    for (let column = 0; column < matrix.columns; column += columnStep) {
      const value = matrix.values[row * matrix.columns + column] as number;
      if (!Number.isFinite(value)) continue; // a hole shows as the page
      const strength = Math.min(100, Math.round((Math.abs(value) / limit) * 100)) / 100;
      (value < 0 ? negative : positive).push({ row, column, strength });
    }
  }
  return { positive, negative };
}

function cellMark(data: readonly Cell[], pole: "positive" | "negative"): Plot.Markish {
  return Plot.cell(data, {
    ...{ x: "column", y: "row", fillOpacity: "strength", fill: poleColor(pole), inset: 0 },
    shapeRendering: "crispEdges",
  });
}

/** A band scale over the shown indices with a tick at about every eighth part. */
function band(count: number, step: number, label: string): Plot.ScaleOptions {
  const shown = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  const every = 2 ** Math.max(0, Math.ceil(Math.log2(shown.length / 8)));
  const ticks = shown.filter((_, i) => i % every === 0);
  return { type: "band", domain: shown, padding: 0, ticks, label, tickSize: 4 };
}

/** The colour ramp with its ends and zero, above the cells at the right. */
function ramp(limit: number): Plot.RenderFunction {
  const steps = 40;
  const [width, height] = [120, 9];
  return (_index, _scales, _values, dimensions, context) => {
    const element = (name: string, attributes: Record<string, string | number>, text = "") => {
      const made = context.document.createElementNS(SVG, name) as SVGElement;
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
      made.textContent = text;
      return made;
    };
    const left = dimensions.width - MARGINS.right - width;
    const group = element("g", { transform: `translate(${left},2)`, class: "ramp" });
    for (let i = 0; i < steps; i++) {
      const value = ((i + 0.5) / steps) * 2 - 1;
      const fill = poleColor(value < 0 ? "negative" : "positive");
      const place = { x: (i * width) / steps, width: width / steps, height, "shape-rendering": "crispEdges" };
      group.append(element("rect", { ...place, fill, "fill-opacity": Math.abs(value).toFixed(2) }));
    }
    const text = { y: height + 14, fill: "currentColor", "font-size": 12 };
    const end = Number(limit.toPrecision(2));
    group.append(element("text", { ...text, x: 0, "text-anchor": "start" }, `−${end}`));
    group.append(element("text", { ...text, x: width / 2, "text-anchor": "middle" }, "0"));
    group.append(element("text", { ...text, x: width, "text-anchor": "end" }, `${end}`));
    return group;
  };
}
