/**
 * A figure: the metrics that it needs, a heading, what was found in a sentence, and the drawing.
 * One file each, one line of the list.
 *
 * A page is a list of figures. A figure whose measurements no run holds says so and draws nothing.
 */
import type { LineSeries } from "./charts/lines.ts";
import { type Chart, chartSvg } from "./charts/plot.ts";
import type { DemoResult } from "./results.ts";
import type { ReportTable } from "./table.ts";

/** A figure for the pages that show it. */
export interface Figure {
  /** The anchor: letters, digits and hyphens. */
  readonly id: string;
  readonly heading: string;
  /** Metrics that it draws; none where it shows what no probe measures, such as the curves of training. */
  readonly metrics: readonly string[];
  /** Stands in place of the figure where there is nothing to draw; left out, the first metric is named. */
  readonly absent?: string;
  /** Whether the sentence is one of the page's findings in short. */
  readonly inShort?: boolean;
  /** Whether a page says nothing of it where there is nothing to draw; left out, it says what is missing. */
  readonly optional?: boolean;
  /**
   * What was found, computed from the results; undefined where they do not hold it. Never what was
   * expected.
   */
  sentence(results: readonly DemoResult[]): string | undefined;
  /** @returns undefined where the results hold nothing to draw */
  draw(results: readonly DemoResult[], document: Document): Drawing | undefined;
}

export interface Drawing {
  readonly figures?: readonly ReportFigure[];
  readonly caption?: string;
  /** Stands above the figures; left out, the sentence. */
  readonly lead?: string;
}

/** One picture of a section. */
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

/** A part of a page. */
export interface ReportSection {
  /** The anchor: letters, digits and hyphens. */
  readonly id: string;
  readonly heading: string;
  /** A sentence or two that say what was found. */
  readonly lead: string;
  readonly figures?: readonly ReportFigure[];
  readonly table?: ReportTable | undefined;
  /** Further markup, trusted. */
  readonly html?: string | undefined;
  readonly caption?: string | undefined;
}

/**
 * A figure as a section of a page, or a sentence about what it lacks; undefined for an optional one
 * that has nothing to draw.
 */
export function sectionOf(
  figure: Figure,
  results: readonly DemoResult[],
  document: Document,
): ReportSection | undefined {
  const { id, heading, metrics, absent, optional } = figure;
  const drawn = figure.draw(results, document);
  if (drawn !== undefined) return { id, heading, lead: figure.sentence(results) ?? "", ...drawn };
  return optional ? undefined : { id, heading, lead: absent ?? missing(metrics[0] ?? id) };
}

/** The sections of some figures, in their order. */
export function sectionsOf(
  figures: readonly Figure[],
  results: readonly DemoResult[],
  document: Document,
): ReportSection[] {
  return figures.flatMap((figure) => sectionOf(figure, results, document) ?? []);
}

/** The findings in short of some figures. */
export function findings(figures: readonly Figure[], results: readonly DemoResult[]): string[] {
  return figures
    .filter(({ inShort }) => inShort)
    .map((figure) => figure.sentence(results))
    .filter((sentence) => sentence !== undefined);
}

const NARROW = 340; // a phone's page without its margins
const WIDE = 792; // the page's column

/** A figure for the page's column and one for a phone. */
export function both(chart: (width: number) => Chart, document: Document): ReportFigure {
  return { svg: chartSvg(chart(WIDE), document), narrowSvg: chartSvg(chart(NARROW), document) };
}

/** Says which measurements a figure would have needed. */
function missing(metric: string): string {
  return `These runs hold no \`${metric}\` measurements, so this figure is left out.`;
}

/** Says what the bands are, if there are any. */
export function bands(series: readonly LineSeries[]): string {
  const banded = series.some((one) => one.points.some((point) => point.low !== undefined));
  return banded ? "Bands: 95% interval over seeds." : "";
}
