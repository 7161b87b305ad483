/** Rows of probes as CSV (RFC 4180, with LF), which pandas.read_csv and R's read.csv read as they are. */
import { type Answer, meansOf } from "../../compare/answers.ts";
import type { ComparedRun } from "../../compare/questions.ts";
import type { Measurement } from "../../probes/probe.ts";
import type { ProbeRows } from "../jobs/asking.ts";

const MEASURED = ["metric", "value", "unit", "n", "se"] as const;

/**
 * A row each under one line of names: the probe, what it measured, then every coordinate that some
 * row has, in the order in which they first come. What a row lacks is empty. An exact value has a
 * standard error of 0.
 *
 * @example
 * const [order] = probes;
 * const row = { metric: "swap_accuracy", value: 0.5, unit: "accuracy", n: 4, se: 0.25, at: { split: "heldout" } };
 * const csv = order ? measurementsCsv([{ probe: order, rows: [row] }]) : "";
 * assert.equal(csv, "probe,metric,value,unit,n,se,split\norder,swap_accuracy,0.5,accuracy,4,0.25,heldout\n");
 */
export const measurementsCsv = (answers: readonly ProbeRows[]): string =>
  csvOf(
    ["probe"],
    answers.flatMap(({ probe, rows }) => rows.map((row) => ({ of: [probe.name], row }))),
  );

/** The same of several runs, each row with what its run is. */
export const runsCsv = (runs: readonly ComparedRun[]): string =>
  csvOf(
    ["data", "condition", "encoding", "seed", "parameters"],
    runs.flatMap(({ measurements, data, condition, encoding, seed, parameters }) =>
      measurements.map((row) => ({ of: [data, condition, encoding, seed, parameters], row })),
    ),
  );

/**
 * What is compared: a value each of a question, a condition and a seed; empty where the seed has
 * none, for it lies past all that was tested.
 */
export function valuesCsv(answers: readonly Pick<Answer, "question">[]): string {
  const places = [...new Set(answers.flatMap(({ question }) => Object.keys(question.at)))];
  const rows = answers.flatMap(({ question: { metric, unit, at, conditions } }) =>
    conditions.flatMap(({ name, values, missing = new Set<number>() }) =>
      [...values.keys(), ...missing]
        .sort((a, b) => a - b)
        .map((seed) => [metric, unit, ...places.map((place) => at[place]), name, seed, values.get(seed)]),
    ),
  );
  return lines([["metric", "unit", ...places, "condition", "seed", "value"], ...rows]);
}

/**
 * What each condition gave at each question: a row each, with the mean over n seeds, its standard
 * deviation and its 95 % interval, by Student's t, or of a probability by Clopper and Pearson. Empty
 * where there are too few seeds, or some, which `without_value` counts, have none.
 */
export function meansCsv(answers: readonly Answer[]): string {
  const places = [...new Set(answers.flatMap(({ question }) => Object.keys(question.at)))];
  const rows = answers.flatMap((answer) => {
    const { question, metric: said } = answer;
    const asked = [question.metric, question.unit, ...places.map((place) => question.at[place])];
    return meansOf(answer).map(({ name, values, missing = [], mean, sd, interval }) => {
      const by = interval && (said?.success ? "clopper-pearson" : "student-t");
      const n = values.length + missing.length;
      return [...asked, name, n, missing.length, mean, sd, interval?.low, interval?.high, by];
    });
  });
  const found = ["n", "without_value", "mean", "sd", "low", "high", "interval"];
  return lines([["metric", "unit", ...places, "condition", ...found], ...rows]);
}

type Cell = string | number | null | undefined;

function csvOf(
  leading: readonly string[],
  rows: readonly { readonly of: readonly Cell[]; readonly row: Measurement }[],
): string {
  const columns: readonly string[] = [...leading, ...MEASURED];
  const places = [...new Set(rows.flatMap(({ row }) => Object.keys(row.at)))];
  const names = places.map((place) => (columns.includes(place) ? `at.${place}` : place));
  const cells = rows.map(({ of, row: { metric, value, unit, n, se, at } }) => [
    ...of,
    ...[metric, value, unit, n, value === null ? null : se === "exact" ? 0 : se],
    ...places.map((place) => at[place]),
  ]);
  return lines([[...columns, ...names], ...cells]);
}

const lines = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((cells) => `${cells.map(cell).join(",")}\n`).join("");

function cell(value: Cell): string {
  const text = `${value ?? ""}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
