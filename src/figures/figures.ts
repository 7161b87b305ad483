/** What the report's sections share: a chart drawn for the column and for a phone, and words about gaps and bands. */

import type { LineSeries } from "./charts/lines.ts";
import { type Chart, chartSvg } from "./charts/plot.ts";

export interface ReportFigure {
  readonly svg: string;
  /** Drawn for a phone; shown there instead of `svg`. */
  readonly narrowSvg?: string | undefined;
  /** One of several that stand side by side. */
  readonly small?: boolean | undefined;
  /** Heads the figure where a section has several. */
  readonly title?: string | undefined;
  readonly caption?: string | undefined;
}

const NARROW = 340; // a phone's page without its margins
const WIDE = 792; // the page's column

/** A figure for the page's column and one for a phone. */
export function both(chart: (width: number) => Chart, document: Document): ReportFigure {
  return { svg: chartSvg(chart(WIDE), document), narrowSvg: chartSvg(chart(NARROW), document) };
}

/** Says which measurements a figure would have needed. */
export function missing(metric: string): string {
  return `These runs hold no \`${metric}\` measurements, so this figure is left out.`;
}

/** Says what the bands are, if there are any. */
export function bands(series: readonly LineSeries[]): string {
  const banded = series.some((one) => one.points.some((point) => point.low !== undefined));
  return banded ? "Bands: 95% interval over seeds." : "";
}
