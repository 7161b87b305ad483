/** What `probe` prints for a person. */

import { type TableColumn, textTable } from "../../figures/table.ts";
import { metrics as listed } from "../../probes/index.ts";
import type { Comparison, NextToken } from "../../probes/pair.ts";
import type { Measurement, Metric } from "../../probes/probe.ts";
import { PLACES } from "./glossary.ts";
import { linesOf, type MetricLines, metricLines } from "./lines.ts";
import { LINE, wrapped } from "./wrap.ts";

/**
 * Measurements for a person: for each metric what it means, then a row for each place. What all its
 * rows share stands above them, and curves by position are averaged over ranges that double. No
 * line is wider than 80 columns unless a name is.
 *
 * @param known what metrics say
 */
export function measurementsText(
  measurements: readonly Measurement[],
  known: Readonly<Record<string, Metric>> = listed,
): string {
  const fields = [...new Set(measurements.flatMap(({ at }) => Object.keys(at)))];
  const legend = fields.flatMap((field) =>
    PLACES[field] === undefined ? [] : [`${field}: ${PLACES[field]}`],
  );
  return [
    ...metricLines(linesOf(measurements)).map((lines) => metricText(lines, known[lines.metric]?.meaning)),
    ...(legend.length === 0 ? [] : [wrapped(legend.join("; "))]),
  ].join("\n\n");
}

function metricText(
  { metric, unit, shared, columns, rows }: MetricLines,
  meaning: string | undefined,
): string {
  return [
    wrapped([`${metric} (${unit})`, ...shared].join("; ")),
    ...(meaning === undefined ? [] : [wrapped(meaning, "  ")]),
    textTable(columns.map(column), rows, LINE),
  ].join("\n");
}

const column = (key: string): TableColumn => ({
  ...{ key, heading: key },
  ...(key === "value" ? { align: "right" } : {}),
});

/** A pair of sentences, continuation by continuation. */
export function comparisonText(first: string, second: string, comparisons: readonly Comparison[]): string {
  return comparisons.map((comparison) => oneComparison(first, second, comparison)).join("\n\n");
}

function oneComparison(
  first: string,
  second: string,
  { continuation, next, divergenceBits, distanceByLayer }: Comparison,
): string {
  const columns = [first, second].map((sentence, i) => ({
    key: `${i}`,
    heading: `${sentence} ${continuation}`.trim(),
  }));
  const rows = next[0].map((_, rank) => ({ 0: shown(next[0][rank]), 1: shown(next[1][rank]) }));
  const distances = distanceByLayer.map(
    (distance, layer) =>
      `${layer === 0 ? "after the embedding" : `after block ${layer - 1}`} ${distance?.toFixed(4) ?? "undefined (a state is zero)"}`,
  );
  return [
    textTable(columns, rows),
    `Jensen-Shannon divergence ${divergenceBits.toFixed(4)} bits of at most 1`,
    wrapped(`distance of the two at the last token (1 − cos): ${distances.join(", ")}`),
  ].join("\n");
}

const shown = (next: NextToken | undefined) =>
  next ? `${next.token} ${(100 * next.probability).toFixed(1)}%` : "";
