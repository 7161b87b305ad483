/** Measurements as lines of a table: what stands at many places is averaged over ranges that double. */
import { measured } from "../../figures/format.ts";
import { missingOf } from "../../figures/seed-values.ts";
import { metrics } from "../../probes/index.ts";
import type { Measurement, MeasurementSite, StandardError } from "../../probes/probe.ts";
import { mean } from "../../tensor/numbers.ts";

/** A measurement, or the mean of those of a range. */
export interface Line {
  readonly metric: string;
  readonly at: Readonly<Record<string, string | number>>;
  /** Undefined where no measurement has one. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly n: number;
  /** None where several measurements are averaged. */
  readonly se: StandardError | undefined;
}

/** More places along one coordinate than this are put in ranges, more distances than that. */
const MOST_PLACES = 40;
const MOST_DISTANCES = 12;
/** What has a name and no order, or is read one by one. */
const SINGLE: ReadonlySet<string> = new Set(["layer", "head", "step", "from", "to", "parameter"]);

/** @param first how many positions the first range has */
export function linesOf(measurements: readonly Measurement[], first = 32): Line[] {
  const ranges = rangesOf(measurements, first);
  const groups = new Map<string, { metric: string; at: Line["at"]; rows: Measurement[] }>();
  for (const row of measurements) {
    const at = placeOf(row.metric, row.at, ranges);
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

type Ranges = (metric: string, field: string) => ((value: number) => string) | undefined;

/** Which coordinates of which metrics are put in ranges. */
function rangesOf(measurements: readonly Measurement[], first: number): Ranges {
  const places = new Map<string, Set<number>>();
  for (const { metric, at } of measurements) {
    for (const [field, value] of Object.entries(at)) {
      if (SINGLE.has(field) || typeof value !== "number" || !Number.isInteger(value)) continue;
      const key = `${metric} ${field}`;
      places.set(key, (places.get(key) ?? new Set()).add(value));
    }
  }
  return (metric, field) => {
    if (field === "position") return (value) => rangeOf(value, first);
    const most = field === "distance" ? MOST_DISTANCES : MOST_PLACES;
    const many = (places.get(`${metric} ${field}`)?.size ?? 0) > most;
    return many ? (value) => `${value < 0 ? "−" : ""}${rangeOf(Math.abs(value), 1)}` : undefined;
  };
}

function placeOf(metric: string, at: MeasurementSite, ranges: Ranges): Record<string, string | number> {
  const { to, ...rest } = at;
  const ranged = ranges(metric, "distance") !== undefined; // a range of distances falls into one of those below
  return Object.fromEntries(
    Object.entries(ranged ? rest : at).map(([name, value]) => {
      if (typeof value !== "number") return [name, value ?? ""];
      return [name, ranges(metric, name)?.(value) ?? (Number.isInteger(value) ? value : placeText(value))];
    }),
  );
}

/** Two decimals, and two digits that say something where they would show nothing: 0.50, 0.0032. */
const placeText = (value: number) =>
  Math.abs(value) < 0.1 ? `${Number(value.toPrecision(2))}` : value.toFixed(2);

/** 0–31, 32–63, 64–127, 128–255, …, where the first range has 32. */
function rangeOf(value: number, first: number): string {
  const low = value < first ? 0 : first * 2 ** Math.floor(Math.log2(value / first));
  const high = Math.max(first, 2 * low) - 1;
  return low === high ? `${low}` : `${low}–${high}`;
}

/** Lines of one metric: what all share, and what tells each from the others. */
export interface MetricLines {
  readonly metric: string;
  readonly unit: string;
  /** "exact", and coordinates with their value, where all lines share them. */
  readonly shared: readonly string[];
  /** Coordinates that lines differ in, then "value", then "n" where that differs. */
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string | number | undefined>>[];
}

/** By metric, in the order in which they first come. */
export function metricLines(lines: readonly Line[]): MetricLines[] {
  return [...new Set(lines.map(({ metric }) => metric))].map((metric) => {
    const mine = lines.filter((line) => line.metric === metric);
    const exact = mine.every(({ se }) => se === "exact");
    const whole =
      mine.every(({ value = 0, unit }) => Number.isInteger(value) && COUNTED.has(unit)) &&
      (exact || mine.every(({ se = null }) => se === null));
    const textOf = (value: number, se: StandardError | undefined) =>
      whole ? value : written(value, exact ? null : se);
    const rows = mine.map(
      ({ at, value, unit, se, n }): Record<string, string | number | undefined> => ({
        ...at,
        value: value === undefined ? missingOf(metrics[metric], at, unit) : textOf(value, se),
        n,
      }),
    );
    const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((field) => field !== "value");
    const isShared = (field: string) =>
      rows.length > 1 && rows.every((row) => row[field] === rows[0]?.[field]);
    const shared = fields.filter(isShared).map((field) => `${field} ${rows[0]?.[field]}`);
    const columns = [...fields.filter((field) => !isShared(field) && field !== "n"), "value"];
    if (fields.includes("n") && !isShared("n")) columns.push("n");
    return {
      metric,
      unit: mine[0]?.unit ?? "",
      shared: [...(exact ? ["exact"] : []), ...shared],
      columns,
      rows,
    };
  });
}

/** Units of what is counted: where all values are whole, no decimals say that they were measured finer. */
const COUNTED: ReadonlySet<string> = new Set(["tokens", "items or tokens", "rows", "steps"]);
/** A value that is so small a part of its error is what rounding left of 0. */
const ROUNDING = 1e-6;

/** "0.9730 ± 0.0041", "0.5000 exact", or the value alone where it has no error. */
export function written(value: number | undefined, se: StandardError | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (se === undefined || se === null) return measured(value);
  if (se === "exact") return `${measured(value)} exact`;
  return `${measured(Math.abs(value) < se * ROUNDING ? 0 : value)} ± ${measured(se)}`;
}
