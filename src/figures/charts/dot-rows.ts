/** What charts with a row of dots for each name share: room for the names, and the axes. */
import * as Plot from "@observablehq/plot";
import { brokenName, CHARACTER_WIDTH } from "./lines.ts";
import { CHART_STYLE } from "./plot.ts";

/** A row's height in pixels: its value, and what stands under it, or a name in two lines; or its value alone. */
const [ROW_HEIGHT, COMPACT] = [38, 24];

export interface DotRows {
  /** Pixels; below 500 names break. */
  readonly width: number;
  readonly xLabel: string;
  readonly domain: readonly [number, number];
  readonly nice?: boolean;
  readonly tickFormat?: string;
  /** Of a wide chart; a narrow one has three. */
  readonly ticks: number;
  /** Whether nothing stands under the value of a row. */
  readonly compact?: boolean;
  /** Whether the axis counts: it then has ticks at whole numbers alone. */
  readonly wholeTicks?: boolean;
  /** Pixels right of the plot, for words; left out, half a tick's. */
  readonly marginRight?: number;
}

/** Options of a chart whose rows are these names, top down, with the names at the left. */
export function dotRows(labels: readonly string[], rows: DotRows, marks: Plot.Markish[]): Plot.PlotOptions {
  const { width, xLabel, domain, nice = false, tickFormat, ticks, marginRight = 28 } = rows;
  const { compact = false, wholeTicks = false } = rows;
  const wanted = width < 500 ? 3 : ticks;
  const written = (label: string) => (width < 500 ? brokenName(label) : label);
  const lines = labels.flatMap((label) => written(label).split("\n"));
  const isCompact = compact && lines.length === labels.length;
  const longest = Math.max(4, ...lines.map((line) => line.length));
  return {
    width,
    height: 76 + (isCompact ? COMPACT : ROW_HEIGHT) * labels.length,
    marginTop: 32,
    marginBottom: 44,
    marginLeft: Math.ceil(longest * CHARACTER_WIDTH) + 16,
    marginRight,
    style: CHART_STYLE,
    x: {
      domain,
      ...{
        nice,
        grid: true,
        ticks: wholeTicks ? whole(domain, wanted) : wanted,
        labelAnchor: "center",
        label: xLabel,
      },
      ...(tickFormat === undefined ? {} : { tickFormat }),
    },
    y: { domain: labels, label: null, tickSize: 0, axis: null },
    marks: [Plot.axisY({ tickSize: 0, fontWeight: 600, label: null, tickFormat: written }), ...marks],
  };
}

/** Whole numbers in a domain, about so many. */
function whole([low, high]: readonly [number, number], about: number): number[] {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  const step = Math.max(1, Math.ceil((last - first) / about));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}
