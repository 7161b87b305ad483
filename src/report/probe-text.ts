/** What `probe` prints for a person. */
import type { Comparison, NextToken } from "../probes/pair.ts";
import type { Measurement, MeasurementSite } from "../probes/probe.ts";
import { type TableColumn, type TableRow, textTable } from "./table.ts";

const COLUMNS: readonly TableColumn[] = [
  { key: "metric", heading: "metric" },
  { key: "at", heading: "at" },
  { key: "value", heading: "value", align: "right" },
  { key: "unit", heading: "unit" },
  { key: "n", heading: "n", align: "right" },
];

/** One row a measurement, but for curves by position, whose rows are averaged over ranges that double. */
export function summarize(measurements: readonly Measurement[]): [readonly TableColumn[], TableRow[]] {
  const rows = averaged(measurements).map(({ metric, value, unit, n, at }) => ({
    metric,
    at,
    value: value?.toFixed(4),
    unit,
    n,
  }));
  return [COLUMNS, rows];
}

interface Line {
  readonly metric: string;
  readonly at: string;
  /** Undefined where no measurement has one. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly n: number;
}

function averaged(measurements: readonly Measurement[]): Line[] {
  const groups = new Map<string, { line: Omit<Line, "value">; values: number[] }>();
  for (const { metric, value, unit, n, at } of measurements) {
    const place = placeOf(at);
    const key = `${metric} ${place}`;
    const group = groups.get(key) ?? { line: { metric, at: place, unit, n }, values: [] };
    if (value !== null) group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ line, values }) => ({
    ...line,
    value: values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length,
  }));
}

function placeOf(at: MeasurementSite): string {
  return Object.entries(at)
    .map(([name, value]) =>
      name === "position" ? `positions ${rangeOf(value as number)}` : `${name} ${value}`,
    )
    .join(", ");
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
    `distance of the two at the last token (1 − cos): ${distances.join(", ")}`,
  ].join("\n");
}

const shown = (next: NextToken | undefined) =>
  next ? `${next.token} ${(100 * next.probability).toFixed(1)}%` : "";
