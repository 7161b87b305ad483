/** Rows of probes as CSV (RFC 4180, with LF), which pandas.read_csv and R's read.csv read as they are. */
import type { MeasurementSite, StandardError } from "../../probes/probe.ts";
import type { ProbeRows } from "../jobs/asking.ts";

const COLUMNS = ["probe", "metric", "value", "unit", "n", "se"] as const;

/**
 * A row each under one line of names: the columns above, then every coordinate that some row has, in the order in which they first come.
 * What a row lacks is empty. An exact value has a standard error of 0.
 *
 * @example
 * const [order] = probes;
 * const row = { metric: "swap_accuracy", value: 0.5, unit: "accuracy", n: 4, se: 0.25, at: { split: "heldout" } };
 * const csv = order ? measurementsCsv([{ probe: order, rows: [row] }]) : "";
 * assert.equal(csv, "probe,metric,value,unit,n,se,split\norder,swap_accuracy,0.5,accuracy,4,0.25,heldout\n");
 */
export function measurementsCsv(answers: readonly ProbeRows[]): string {
  const sites = answers.flatMap(({ rows }) => rows.map(({ at }) => at));
  const places = [...new Set(sites.flatMap((at) => Object.keys(at)))];
  const lines = answers.flatMap(({ probe, rows }) =>
    rows.map(({ metric, value, unit, n, se, at }) => [
      ...[probe.name, metric, value, unit, n, errorOf(se)],
      ...places.map((place) => at[place as keyof MeasurementSite]),
    ]),
  );
  const names = places.map((place) => (COLUMNS.some((column) => column === place) ? `at.${place}` : place));
  return [[...COLUMNS, ...names], ...lines].map((cells) => `${cells.map(cell).join(",")}\n`).join("");
}

const errorOf = (se: StandardError | undefined) => (se === "exact" ? 0 : se);

function cell(value: string | number | null | undefined): string {
  const text = `${value ?? ""}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
