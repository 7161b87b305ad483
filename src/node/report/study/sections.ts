/** The sections of a study's page. */

import type { Answer } from "../../../compare/answers.ts";
import { allLengths } from "../../../figures/all-lengths.ts";
import { forest } from "../../../figures/charts/forest.ts";
import { comparisonSentence, comparisonTable, titleOf } from "../../../figures/comparison.ts";
import { differencesOf } from "../../../figures/differences.ts";
import { both, type ReportFigure, type ReportSection } from "../../../figures/figure.ts";
import { listed } from "../../../figures/format.ts";
import { proseHtml } from "../../../figures/html.ts";
import { length } from "../../../figures/length.ts";
import type { DemoResult } from "../../../figures/results.ts";
import { success } from "../../../figures/success.ts";
import type { ReportTable } from "../../../figures/table.ts";
import { training } from "../../../figures/training.ts";
import { name } from "../../../figures/words.ts";
import { groupsOf } from "../../../probes/groups.ts";
import type { StatementFile } from "../../jobs/study/registered-file.ts";
import { tableHtml } from "../page.ts";
import {
  figureResult,
  ORDERS,
  type ScoredStatement,
  type SweepSlope,
  type SweepSoFar,
  sweepAnswers,
} from "./results.ts";
import { capital, evidenceTable, headlineTable, scoredTable, slopeTable } from "./tables.ts";

/** What was registered, part by part; what no run was asked yet is named at the end. */
export function registeredSection(
  scored: readonly ScoredStatement[],
  unasked: StatementFile["unasked"],
): ReportSection {
  const isAsked = ({ parts }: ScoredStatement) => parts.some(({ verdict }) => verdict !== "not asked");
  const blocks = groupsOf(scored, ({ statement }) => statement.id).flatMap((some) => {
    const { statement, source, checked } = (some[0] as ScoredStatement).statement; // a group has one or more
    const tables = some.filter(isAsked).map((one) => tableHtml(scoredTable(one)));
    const waiting = some.filter((one) => !isAsked(one)).map(({ sweep }) => name(sweep.name));
    const later = waiting.length > 0 ? ` Not run yet: ${listed(waiting)}.` : "";
    return [
      `<p><strong>${proseHtml(statement)}</strong></p>`,
      `<p class="caption">${proseHtml([`After ${source}.`, checked, later.trim()].filter(Boolean).join(" "))}</p>`,
      ...tables,
    ];
  });
  const others = unasked.map(({ statement, reason }) => `<li>${proseHtml(`${statement} (${reason})`)}</li>`);
  const rest = others.length > 0 ? [`<p>Registered, and not asked:</p><ul>${others.join("")}</ul>`] : [];
  return {
    id: "registered",
    heading: "What was expected, and what came",
    lead: registeredSentence(scored),
    html: [...blocks, ...rest].join("\n"),
    caption:
      "By paired differences over seeds, corrected by Holm over the parts of a statement. Undecided: neither it nor its contrary was shown by so many seeds.",
  };
}

export function registeredSentence(scored: readonly ScoredStatement[]): string {
  const parts = scored.flatMap((one) => one.parts);
  const of = (verdict: string) => parts.filter((one) => one.verdict === verdict).length;
  const counts = [
    `${of("confirmed")} confirmed`,
    `${of("refuted")} refuted`,
    `${of("undecided")} undecided`,
    ...(of("not asked") > 0 ? [`${of("not asked")} not asked yet`] : []),
  ];
  return `Of ${parts.length} parts that were registered before the first run: ${listed(counts)}.`;
}

/** A sweep: its numbers, its curves, and what differs from no positions. */
export function sweepSection(result: SweepSoFar, document: Document): ReportSection {
  const { sweep, runs, finished, planned } = result;
  const section = { id: sweep.name, heading: capital(sweep.title) };
  const all = sweepAnswers(result);
  const answers = all.filter(isShown);
  const results = finished.map(figureResult);
  const curves = [length, success].flatMap((figure) => figure.draw(results, document)?.figures ?? []);
  const tables = answers.map((answer) =>
    folded(`${titleOf(answer)}: every difference to none`, comparisonTable(answer, runs)),
  );
  const joint = allLengths(all, runs);
  if (joint !== undefined) tables.push(folded("Every metric at every length", joint));
  return {
    ...section,
    lead: `${finished.length} of ${planned} runs are done.`,
    figures: [
      ...curves.filter(({ small }) => !small),
      ...trainingFigures(results, document),
      ...answers.flatMap((answer) => forestFigure(answer, runs, document)),
    ],
    table: headlineTable(result),
    html: tables.join("\n"),
    caption:
      "Of differences: small dots are seeds, large dots means, lines 95% intervals of the paired difference to no positions (none). Bands of curves: 95% intervals over seeds.",
  };
}

const folded = (title: string, table: ReportTable) =>
  `<details><summary>${proseHtml(title)}</summary>${tableHtml(table)}</details>`;

/** Between what heads them and what they say: the other curves of a sweep are of lengths. */
function trainingFigures(results: readonly DemoResult[], document: Document): ReportFigure[] {
  const { figures = [] } = training.draw(results, document) ?? {};
  return figures.map((one, i) => ({
    ...one,
    ...(i === 0 && { title: "Training: thin each seed, thick their mean" }),
    ...(i === figures.length - 1 && { caption: training.sentence(results) }),
  }));
}

function forestFigure(answer: Answer, runs: SweepSoFar["runs"], document: Document): ReportFigure[] {
  const { rows = [] } = differencesOf(answer, runs) ?? {};
  if (rows.length === 0) return [];
  const label = comparisonSentence(answer);
  const xLabel = `difference to none, ${answer.question.unit} →`;
  const chart = (width: number) => forest(rows, { label, xLabel, width, zero: true });
  return [{ ...both(chart, document), title: titleOf(answer), caption: label }];
}

const SHOWN: ReadonlySet<string> = new Set([
  "swap_accuracy",
  "exact_match_past",
  "success_at_2l",
  "steps_to_accuracy",
]);

/** The questions that a page has room for. */
function isShown({ question: { metric, at } }: Answer): boolean {
  return SHOWN.has(metric) || (metric === "nll" && at.range === ORDERS.language.at?.range);
}

/** Where training had not ended. */
export function slopeSection(slopes: readonly SweepSlope[]): ReportSection {
  const steep = slopes.filter(({ isSteep }) => isSteep);
  const lead =
    steep.length === 0
      ? `In none of ${slopes.length} conditions did the last fifth of training change the validation loss by more than seeds differ.`
      : `In ${steep.length} of ${slopes.length} conditions the last fifth of training changed the validation loss by more than seeds differ: with more steps, these numbers would move.`;
  return {
    id: "slopes",
    heading: "Had training ended?",
    lead,
    ...(steep.length > 0 && { table: slopeTable(steep) }),
  };
}

/** Which probes not all finished runs of a sweep were asked, such as one that the study asks since. */
function lackingText({ sweep, finished }: SweepSoFar): string | undefined {
  const lacks = sweep.probes.flatMap((probe) => {
    const without = finished.filter(({ published }) => !published.probes.includes(probe)).length;
    return without === 0 ? [] : [`${probe} of ${without} of ${finished.length}`];
  });
  return lacks.length === 0 ? undefined : `Not asked yet in ${name(sweep.name)}: ${listed(lacks)} runs.`;
}

export function evidenceSection(sweeps: readonly SweepSoFar[]): ReportSection {
  const left = sweeps.filter(({ planned, finished }) => finished.length < planned);
  const lead =
    left.length === 0
      ? "All of it is done."
      : `Not done yet: ${listed(left.map(({ sweep, planned, finished }) => `${planned - finished.length} runs of ${name(sweep.name)}`))}.`;
  const lacks = sweeps.flatMap((one) => lackingText(one) ?? []);
  return {
    id: "evidence",
    heading: "What was run",
    lead: [lead, ...lacks].join(" "),
    table: evidenceTable(sweeps),
  };
}
