/** What `probe` prints for a person. */

import { type TableColumn, type TableRow, textTable } from "../../figures/table.ts";
import { metrics as listed } from "../../probes/index.ts";
import type { Comparison, NextToken } from "../../probes/pair.ts";
import type { Measurement, MeasurementSite, Metric } from "../../probes/probe.ts";
import { PLACES } from "./glossary.ts";
import { wrapped } from "./wrap.ts";

/**
 * Measurements for a person: for each metric what it means, then a row for each place. What all its rows share stands above them, and
 * curves by position are averaged over ranges that double. No line is wider than 80 columns unless a name is.
 *
 * @param known what metrics say
 */
export function measurementsText(
  measurements: readonly Measurement[],
  known: Readonly<Record<string, Metric>> = listed,
): string {
  const metrics = new Map<string, Line[]>();
  for (const line of averaged(measurements)) {
    metrics.set(line.metric, [...(metrics.get(line.metric) ?? []), line]);
  }
  const fields = [...new Set(measurements.flatMap(({ at }) => Object.keys(at)))];
  const legend = fields.flatMap((field) =>
    PLACES[field] === undefined ? [] : [`${field}: ${PLACES[field]}`],
  );
  return [
    ...[...metrics].map(([metric, lines]) => metricText(metric, lines, known[metric]?.meaning)),
    ...(legend.length === 0 ? [] : [wrapped(legend.join("; "))]),
  ].join("\n\n");
}

function metricText(metric: string, lines: readonly Line[], meaning: string | undefined): string {
  const rows = lines.map(({ at, value, n }): TableRow => ({ ...at, value: value?.toFixed(4), n }));
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((field) => field !== "value");
  const shared = (field: string) => rows.length > 1 && rows.every((row) => row[field] === rows[0]?.[field]);
  const all = fields.filter(shared).map((field) => `${field} ${rows[0]?.[field]}`);
  const keys = [...fields.filter((field) => !shared(field) && field !== "n"), "value"];
  if (fields.includes("n") && !shared("n")) keys.push("n");
  const columns = keys.map(
    (key): TableColumn => ({ key, heading: key, ...(key === "value" ? { align: "right" } : {}) }),
  );
  return [
    wrapped([`${metric} (${lines[0]?.unit})`, ...all].join("; ")),
    ...(meaning === undefined ? [] : [wrapped(meaning, "  ")]),
    textTable(columns, rows),
  ].join("\n");
}

interface Line {
  readonly metric: string;
  readonly at: Readonly<Record<string, string | number>>;
  /** Undefined where no measurement has one. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly n: number;
}

function averaged(measurements: readonly Measurement[]): Line[] {
  const groups = new Map<string, { line: Omit<Line, "value">; values: number[] }>();
  for (const { metric, value, unit, n, at } of measurements) {
    const place = placeOf(at);
    const key = `${metric} ${JSON.stringify(place)}`;
    const group = groups.get(key) ?? { line: { metric, at: place, unit, n }, values: [] };
    if (value !== null) group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ line, values }) => ({
    ...line,
    value: values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length,
  }));
}

function placeOf(at: MeasurementSite): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(at).map(([name, value]) => [
      name,
      name === "position"
        ? rangeOf(value as number)
        : typeof value === "number" && !Number.isInteger(value)
          ? value.toFixed(2)
          : (value ?? ""),
    ]),
  );
}

/** 0–31, 32–63, 64–127, 128–255, … */
function rangeOf(position: number): string {
  const low = position < 32 ? 0 : 2 ** Math.floor(Math.log2(position));
  return `${low}–${Math.max(32, 2 * low) - 1}`;
}

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
      `${layer === 0 ? "embedding" : `block ${layer}`} ${distance?.toFixed(4) ?? "undefined (a state is zero)"}`,
  );
  return [
    textTable(columns, rows),
    `Jensen-Shannon divergence ${divergenceBits.toFixed(4)} bits of at most 1`,
    wrapped(`distance of the two at the last token (1 − cos): ${distances.join(", ")}`),
  ].join("\n");
}

const shown = (next: NextToken | undefined) =>
  next ? `${next.token} ${(100 * next.probability).toFixed(1)}%` : "";
