/**
 * One number for each head of a model, as a grid of layers and heads: the number, and the colour
 * that it gives its cell.
 *
 * Twelve heads fit a phone: numbers are then cut to three characters. Colour is a pole's hue, at
 * most half opaque, so that the number reads on it in light and in dark.
 */
import * as Plot from "@observablehq/plot";
import { poleColor } from "../palette.ts";
import { CHART_STYLE, type Chart } from "./plot.ts";

export interface HeadValue {
  readonly layer: number;
  readonly head: number;
  readonly value: number;
}

export interface HeadGridOptions {
  readonly label: string;
  /** The value of the full colour; the largest if left out. */
  readonly limit?: number | undefined;
  readonly width?: number;
}

const MARGINS = { top: 40, right: 8, bottom: 8, left: 42 };
const STRONGEST = 0.5;
/** A cell that is narrower has three characters, one that is narrower still none. */
const [ROOMY, LEGIBLE] = [38, 18];

/** Cells of one model; heads that there are no values of stay empty. */
export function headGrid(values: readonly HeadValue[], options: HeadGridOptions): Chart {
  const { width = 720, label } = options;
  const heads = axis(values.map(({ head }) => head));
  const layers = axis(values.map(({ layer }) => layer));
  const room = (width - MARGINS.left - MARGINS.right) / Math.max(1, heads.length);
  const cell = Math.min(64, room);
  const height = Math.max(18, Math.min(30, cell));
  const limit = options.limit ?? Math.max(...values.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const cells = values.map((one) => ({
    ...one,
    opacity: Math.round(Math.min(1, Math.abs(one.value) / limit) * 100 * STRONGEST) / 100,
    text: cell < LEGIBLE ? "" : cell < ROOMY ? briefly(one.value) : measuredBriefly(one.value),
  }));
  const at = { x: "head", y: "layer" } as const;
  return {
    label,
    options: {
      width: Math.ceil(MARGINS.left + cell * heads.length + MARGINS.right),
      height: Math.ceil(MARGINS.top + height * layers.length + MARGINS.bottom),
      marginTop: MARGINS.top,
      marginRight: MARGINS.right,
      marginBottom: MARGINS.bottom,
      marginLeft: MARGINS.left,
      style: CHART_STYLE,
      x: {
        type: "band",
        domain: heads,
        padding: 0,
        axis: "top",
        label: "head →",
        labelOffset: 36,
        tickSize: 0,
        ticks: every(heads, cell),
      },
      y: {
        type: "band",
        domain: layers,
        padding: 0,
        label: "↓ block",
        tickSize: 0,
        labelOffset: MARGINS.left,
      },
      opacity: { type: "identity" },
      marks: [
        ...(["positive", "negative"] as const).map((pole) =>
          Plot.cell(
            cells.filter(({ value }) => (pole === "negative" ? value < 0 : value >= 0)),
            { ...at, fillOpacity: "opacity", fill: poleColor(pole), inset: 0.5 },
          ),
        ),
        Plot.text(cells, { ...at, text: "text", fill: "currentColor", fontSize: cell < ROOMY ? 10.5 : 12.5 }),
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.35 }),
      ],
    },
  };
}

const axis = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);

/** Ticks with room for two digits. */
const every = (values: readonly number[], cell: number) => {
  const step = cell >= 18 ? 1 : Math.ceil(18 / Math.max(1, cell));
  return values.filter((_, i) => i % step === 0);
};

/** Three significant characters: "7.2", "12", ".25", "−.1". */
export function briefly(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  const digits = size >= 9.95 ? 0 : size >= 0.995 ? 1 : value < 0 ? 1 : 2;
  const text = size.toFixed(digits);
  return Number(text) === 0 ? "0" : sign + text.replace(/^0\./, ".");
}

/** Two decimals below 10, one from there. */
function measuredBriefly(value: number): string {
  const text = Math.abs(value).toFixed(Math.abs(value) < 9.995 ? 2 : 1);
  return `${value < 0 && Number(text) !== 0 ? "−" : ""}${text}`;
}
