/** A comparison over seeds for a person: sentence, table and brackets, all made from one decision. */
import type { Answer } from "../compare/answers.ts";
import type { Contrast, Decision, Summary } from "../compare/decide.ts";
import { seedInterval } from "../compare/intervals.ts";
import { LEAST_SEEDS } from "../compare/paired.ts";
import type { ComparedRun } from "../compare/questions.ts";
import { areSuccesses, binomialInterval } from "../compare/success.ts";
import type { ForestRow } from "./charts/forest.ts";
import { count, fixed, listed } from "./format.ts";
import type { ReportTable, TableRow } from "./table.ts";
import { name, plural } from "./words.ts";

/** "swap accuracy, split heldout": what a question is of. */
export function titleOf({ question: { metric, at }, metric: said }: Answer): string {
  const places = Object.entries(at).map(([key, value]) => `${key} ${value}`);
  return [said?.title ?? metric, ...places].join(", ");
}

/** How a contrast ended, as the metric judges it. */
export function outcomeText({ outcome, difference }: Contrast, { decision, metric }: Answer): string {
  switch (outcome) {
    case "different": {
      const isHigher = difference.mean > 0;
      const better = metric?.better ?? "neither";
      if (better === "neither") return isHigher ? "higher" : "lower";
      return isHigher === (better === "higher") ? "better" : "worse";
    }
    case "equivalent":
      return `the same within ${decision.margin}`;
    case "undecided":
      if (difference.detectable === undefined) return "undecided";
      return `undecided: ${difference.n} seeds may miss less than ${short(difference.detectable)}`;
    case "unknown":
      return `${difference.n} ${plural(difference.values, "seed", "seeds")} in common: below ${LEAST_SEEDS}, no interval`;
    default:
      return outcome satisfies never;
  }
}

/** What was found, in a sentence or two. */
export function comparisonSentence(answer: Answer): string {
  const { decision, question } = answer;
  const [lowest, highest] = [decision.summaries[0], decision.summaries.at(-1)];
  if (lowest === undefined || highest === undefined) return "";
  if (lowest.mean === highest.mean)
    return `${titleOf(answer)}: ${short(lowest.mean)} ${question.unit} for all.`;
  const range = `${titleOf(answer)}: from ${short(lowest.mean)} (${name(lowest.name)}) to ${short(highest.mean)} ${question.unit} (${name(highest.name)}).`;
  const few = decision.contrasts.filter(({ outcome }) => outcome === "unknown");
  if (few.length === decision.contrasts.length)
    return `${range} Fewer than ${LEAST_SEEDS} seeds in common say nothing of what another seed would give.`;
  return `${range} ${decision.against === undefined ? tiesText(decision) : againstText(answer)}`;
}

function againstText(answer: Answer): string {
  const { contrasts, against = "" } = answer.decision;
  const of = (outcome: Contrast["outcome"]) => contrasts.filter((one) => one.outcome === outcome);
  const names = (some: readonly Contrast[]) => listed(some.map(({ first }) => name(first)));
  const clauses = [
    ...of("different").map(
      (one) => `${name(one.first)} is ${outcomeText(one, answer)} by ${short(Math.abs(one.difference.mean))}`,
    ),
    of("equivalent").length > 0 &&
      `${names(of("equivalent"))} ${plural(of("equivalent"), "is", "are")} the same within ${answer.decision.margin}`,
    of("undecided").length > 0 && `${names(of("undecided"))} cannot be told from it`,
    of("unknown").length > 0 &&
      `${names(of("unknown"))} ${plural(of("unknown"), "has", "have")} too few seeds`,
  ].filter((clause) => clause !== false);
  return `Against ${name(against)}: ${clauses.join("; ")}.`;
}

function tiesText({ tied, contrasts }: Decision): string {
  const apart = contrasts.filter(({ outcome }) => outcome === "different").length;
  const counted = `${apart} of ${contrasts.length} pairs differ.`;
  if (tied.length === 0) return counted;
  return `${counted} Nothing tells apart ${tied.map((run) => listed(run.map(name))).join(", nor ")}.`;
}

/** A row a condition, with its difference to the reference where there is one. */
export function comparisonTable(answer: Answer, runs: readonly ComparedRun[]): ReportTable {
  const { question, decision, metric } = answer;
  const { against, contrasts } = decision;
  const binary = isBinary(answer);
  const rows = decision.summaries.map((summary): TableRow => {
    const contrast =
      against === undefined ? undefined : contrasts.find(({ first }) => first === summary.name);
    const run = runOf(summary.name, runs);
    return {
      condition: summary.name,
      parameters: run?.parameters,
      mean: meanText(summary, binary),
      n: summary.values.length,
      ...(contrast && differenceCells(contrast, answer)),
      ...(summary.name === against && { outcome: "the reference" }),
      ties: decision.tied.flatMap((run, i) => (run.includes(summary.name) ? [letter(i)] : [])).join(" "),
    };
  });
  const lettered =
    against === undefined && decision.tied.length > 0 ? "those that share a letter are tied" : undefined;
  const judged = metric && metric.better !== "neither" ? `${metric.better} is better` : undefined;
  return {
    columns: [
      { key: "condition", heading: "condition" },
      { key: "parameters", heading: "parameters", format: count },
      { key: "mean", heading: binary ? "P(success) [95%]" : "mean ± sd", align: "right" },
      { key: "n", heading: "seeds" },
      ...(against === undefined
        ? [{ key: "ties", heading: "tied" }]
        : [
            { key: "difference", heading: `difference to ${against} [95%]` },
            { key: "p", heading: "p (Holm)" },
            { key: "outcome", heading: "verdict" },
          ]),
    ],
    rows,
    caption: [`${titleOf(answer)} (${question.unit})`, judged, lettered].filter(Boolean).join("; "),
  };
}

/** Rows of a forest plot: differences to the reference, or, without one, the conditions themselves. */
export function differenceRows({ decision }: Answer, runs: readonly ComparedRun[]): ForestRow[] {
  const kindOf = (label: string) => runOf(label, runs)?.encoding ?? label;
  if (decision.against === undefined)
    return decision.summaries.map(({ name: label, mean, values }) => {
      const seeds = values.map(({ value }) => value);
      return { label, kind: kindOf(label), mean, seeds, ...seedInterval(seeds, LEAST_SEEDS) };
    });
  return decision.contrasts.flatMap(({ first: label, difference: { mean, values, interval } }) =>
    values.length === 0 ? [] : [{ label, kind: kindOf(label), mean, seeds: values, ...interval }],
  );
}

/** A policy past L_max stands behind its condition, in parentheses. */
const runOf = (label: string, runs: readonly ComparedRun[]) =>
  runs.find(({ condition }) => label === condition || label.startsWith(`${condition} (`));

function differenceCells(contrast: Contrast, answer: Answer): TableRow {
  const { difference, p } = contrast;
  const { mean, interval } = difference;
  const range = interval ? ` [${short(interval.low)}, ${short(interval.high)}]` : "";
  return {
    difference: Number.isNaN(mean) ? undefined : `${short(mean)}${range}`,
    p: p === undefined ? undefined : p < 0.0001 ? "< 0.0001" : p.toFixed(4),
    outcome: outcomeText(contrast, answer),
  };
}

/** Where each seed succeeds or fails, the mean is a probability, with an exact interval. */
const isBinary = ({ question }: Answer) =>
  question.conditions.every(({ values }) => areSuccesses([...values.values()]));

function meanText({ mean, sd, values }: Summary, binary: boolean): string {
  if (!binary) return sd === undefined ? short(mean) : `${short(mean)} ± ${short(sd)}`;
  const { low, high } = binomialInterval(values.filter(({ value }) => value === 1).length, values.length);
  return `${fixed(mean)} [${fixed(low)}, ${fixed(high)}]`;
}

const letter = (i: number) => String.fromCharCode(97 + (i % 26));

/** Three significant digits, with a real minus sign. */
function short(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return fixed(value ?? Number.NaN);
  const digits = value === 0 ? 2 : Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return fixed(value, digits);
}
