/** A comparison over seeds for a person: sentence, table and brackets, all made from one decision. */
import type { Answer } from "../compare/answers.ts";
import type { Contrast, Decision } from "../compare/decide.ts";
import { LEAST_SEEDS } from "../compare/paired.ts";
import type { ComparedRun } from "../compare/questions.ts";
import type { Summary } from "../compare/summaries.ts";
import { bestFirst, runOf } from "./conditions.ts";
import { count, listed } from "./format.ts";
import { outcomeText } from "./outcomes.ts";
import { controlCells, controlsText } from "./parameter-controls.ts";
import {
  centerText,
  differenceText,
  isCensored,
  missingText,
  seedsHeading,
  seedsText,
  sizeText,
} from "./seed-values.ts";
import type { ReportTable, TableRow } from "./table.ts";
import { name, plural } from "./words.ts";

export { outcomeText } from "./outcomes.ts";

/** "loss by position, 8–16 L_max": what a question is of; held-out material goes without saying. */
export function titleOf({ question: { metric, at }, metric: said }: Answer): string {
  const places = Object.entries(at).flatMap(([key, value]): string | string[] => {
    if (key === "until") return []; // each row says it, where it matters
    if (key === "split") return value === "train" ? "training material" : [];
    if (key === "items") return `${value} items`;
    return key === "range" || key === "length" || key === "data" ? `${value}` : `${key} ${value}`;
  });
  return [said?.title ?? metric, ...places].join(", ");
}

/** What was found, in a sentence or two. */
export function comparisonSentence(answer: Answer): string {
  const { decision } = answer;
  const [lowest, highest] = [decision.summaries[0], decision.summaries.at(-1)];
  if (lowest === undefined || highest === undefined) return "";
  const [low, high] = [centerText(lowest, answer), centerText(highest, answer)];
  const censored = isCensored(answer);
  if (censored ? decision.contrasts.every(isAlike) : areEqual(lowest.mean, highest.mean))
    return sameText(answer, low);
  const range = rangeText(answer, [lowest, highest], [low, high]);
  const few = decision.contrasts.filter(({ outcome }) => outcome === "unknown");
  if (few.length === decision.contrasts.length)
    return `${range} Fewer than ${LEAST_SEEDS} seeds in common say nothing of what another seed would give.`;
  const found = decision.against === undefined ? tiesText(decision) : againstText(answer);
  return [range, found, controlsText(answer)].filter(Boolean).join(" ");
}

/** Where the conditions lie: from the lowest to the highest, which the digits shown may not tell apart. */
function rangeText(
  answer: Answer,
  [lowest, highest]: readonly [Summary, Summary],
  [low, high]: readonly [string, string],
): string {
  const censored = isCensored(answer);
  const ends = [name(lowest.name), name(highest.name)];
  if (low === high) {
    const same = sameText(answer, low);
    if (censored) return same;
    return `${same.slice(0, -1)}, as far as it is shown; lowest for ${ends[0]} and highest for ${ends[1]}.`;
  }
  const unit = high === missingText(answer) ? "" : ` ${answer.question.unit}`;
  return `${titleOf(answer)}: ${censored ? "for half of the seeds " : ""}from ${low} (${ends[0]}) to ${high}${unit} (${ends[1]}).`;
}

/** The same numbers, added up in another order, have means that differ in their last bits. */
const areEqual = (a = Number.NaN, b = Number.NaN) => a === b || Math.abs(a - b) < 1e-12 * Math.abs(a);

/** Whether no seed tells two conditions apart. */
const isAlike = ({ order, difference }: Contrast) =>
  order === undefined ? difference.values.every((value) => value === 0) : order.higher + order.lower === 0;

/** All conditions have one mean, or nothing tells their seeds apart. */
function sameText(answer: Answer, text: string): string {
  const unit = text === missingText(answer) ? "" : ` ${answer.question.unit}`;
  return `${titleOf(answer)}: ${text}${unit} for ${isCensored(answer) ? "half of the seeds of each" : "all"}.`;
}

function againstText(answer: Answer): string {
  const { contrasts, against = "" } = answer.decision;
  const of = (outcome: Contrast["outcome"]) => contrasts.filter((one) => one.outcome === outcome);
  const names = (some: readonly Contrast[]) => listed(some.map(({ first }) => name(first)));
  const clauses = [
    ...of("different").map((one) => `${name(one.first)} is ${outcomeText(one, answer)} ${sizeText(one)}`),
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
  if (apart === 0 && tied.length === 1) return `Nothing tells any two of these ${tied[0]?.length} apart.`;
  const counted = `${apart} of ${contrasts.length} pairs differ.`;
  if (tied.length === 0) return counted;
  return `${counted} Nothing tells apart ${tied.map((run) => listed(run.map(name))).join(", nor ")}.`;
}

/** A row a condition, with its difference to the reference where there is one. */
export function comparisonTable(answer: Answer, runs: readonly ComparedRun[]): ReportTable {
  const { question, decision, metric } = answer;
  const { against, contrasts } = decision;
  const rows = bestFirst(answer).map((summary): TableRow => {
    const contrast =
      against === undefined ? undefined : contrasts.find(({ first }) => first === summary.name);
    const run = runOf(summary.name, runs);
    return {
      condition: summary.name,
      parameters: run?.parameters,
      mean: seedsText(summary, answer),
      n: summary.values.length + (summary.missing?.length ?? 0),
      ...(contrast && differenceCells(contrast, answer)),
      ...(summary.name === against && { outcome: "the reference" }),
      ...controlCells(answer, summary.name),
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
      { key: "mean", heading: seedsHeading(answer), align: "right" },
      { key: "n", heading: "seeds" },
      ...(against === undefined
        ? [{ key: "ties", heading: "tied" }]
        : [
            { key: "difference", heading: `difference to ${against} [95%]` },
            { key: "p", heading: "p (Holm)" },
            { key: "outcome", heading: "verdict" },
          ]),
      ...(decision.controls
        ? [{ key: "control", heading: "against its control of as many parameters [95%]" }]
        : []),
    ],
    rows,
    caption: [`${titleOf(answer)} (${question.unit})`, judged, lettered].filter(Boolean).join("; "),
  };
}

function differenceCells(contrast: Contrast, answer: Answer): TableRow {
  const { p } = contrast;
  return {
    difference: differenceText(contrast),
    p: p === undefined ? undefined : p < 0.0001 ? "< 0.0001" : p.toFixed(4),
    outcome: outcomeText(contrast, answer),
  };
}

const letter = (i: number) => String.fromCharCode(97 + (i % 26));
