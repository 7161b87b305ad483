/** What `probe` prints for a person. */

import { measured } from "../../figures/format.ts";
import { type TableColumn, type TableRow, textTable } from "../../figures/table.ts";
import { metrics as listed } from "../../probes/index.ts";
import type { Comparison, NextToken } from "../../probes/pair.ts";
import type { Measurement, MeasurementSite, Metric, StandardError } from "../../probes/probe.ts";
import { mean } from "../../tensor/numbers.ts";
import { PLACES } from "./glossary.ts";
import { LINE, wrapped } from "./wrap.ts";

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
  const exact = lines.every(({ se }) => se === "exact");
  const rows = lines.map(
    ({ at, value, se, n }): TableRow => ({ ...at, value: written(value, exact ? null : se), n }),
  );
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((field) => field !== "value");
  const shared = (field: string) => rows.length > 1 && rows.every((row) => row[field] === rows[0]?.[field]);
  const all = fields.filter(shared).map((field) => `${field} ${rows[0]?.[field]}`);
  const keys = [...fields.filter((field) => !shared(field) && field !== "n"), "value"];
  if (fields.includes("n") && !shared("n")) keys.push("n");
  const columns = keys.map(
    (key): TableColumn => ({ key, heading: key, ...(key === "value" ? { align: "right" } : {}) }),
  );
  return [
    wrapped([`${metric} (${lines[0]?.unit})`, ...(exact ? ["exact"] : []), ...all].join("; ")),
    ...(meaning === undefined ? [] : [wrapped(meaning, "  ")]),
    textTable(columns, rows, LINE),
  ].join("\n");
}

interface Line {
  readonly metric: string;
  readonly at: Readonly<Record<string, string | number>>;
  /** Undefined where no measurement has one. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly n: number;
  /** None where several measurements are averaged. */
  readonly se: StandardError | undefined;
}

/** "0.9730 ± 0.0041", "0.5000 exact", or the value alone where it has no error. */
function written(value: number | undefined, se: StandardError | undefined): string | undefined {
  if (value === undefined || se === undefined || se === null)
    return value === undefined ? undefined : measured(value);
  return se === "exact" ? `${measured(value)} exact` : `${measured(value)} ± ${measured(se)}`;
}

function averaged(measurements: readonly Measurement[]): Line[] {
  const groups = new Map<string, { metric: string; at: Line["at"]; rows: Measurement[] }>();
  const curves = longCurves(measurements);
  for (const row of measurements) {
    const at = placeOf(row.at, curves.has(row.metric));
    const key = `${row.metric} ${JSON.stringify(at)}`;
    const group = groups.get(key) ?? { metric: row.metric, at, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ metric, at, rows }) => {
    const [{ unit, n, se } = { unit: "", n: 0 }] = rows;
    const values = rows.flatMap(({ value }) => value ?? []);
    const value = values.length === 0 ? undefined : mean(values);
    return { metric, at, unit, n, value, se: rows.length === 1 ? se : undefined };
  });
}

/** Most distances of a metric that are shown one by one. */
const FEW = 12;

/** Metrics that were measured at many distances. */
function longCurves(measurements: readonly Measurement[]): ReadonlySet<string> {
  const distances = new Map<string, Set<unknown>>();
  for (const { metric, at } of measurements)
    if (at.distance !== undefined)
      distances.set(metric, (distances.get(metric) ?? new Set()).add(at.distance));
  return new Set([...distances].filter(([, of]) => of.size > FEW).map(([metric]) => metric));
}

/** @param curve whether distances are averaged over ranges */
function placeOf(at: MeasurementSite, curve: boolean): Record<string, string | number> {
  const { to, ...rest } = at;
  const shown = curve ? rest : at; // a range of distances falls into one of those below
  return Object.fromEntries(
    Object.entries(shown).map(([name, value]) => [
      name,
      name === "position"
        ? rangeOf(value as number)
        : name === "distance" && curve
          ? distancesOf(value as number)
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

/** 0, 1, 2–3, 4–7, … to either side. */
function distancesOf(distance: number): string {
  const size = Math.abs(distance);
  const low = size === 0 ? 0 : 2 ** Math.floor(Math.log2(size));
  return `${distance < 0 ? "−" : ""}${size < 2 ? low : `${low}–${2 * low - 1}`}`;
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
