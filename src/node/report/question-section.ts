/** Questions on a page: in full with forest plots, all others as tables, and the evidence for both. */
import type { Answer } from "../../compare/answers.ts";
import type { Contrast } from "../../compare/decide.ts";
import type { ComparedRun } from "../../compare/questions.ts";
import { forest } from "../../figures/charts/forest.ts";
import { comparisonSentence, comparisonTable, outcomeText, titleOf } from "../../figures/comparison.ts";
import { differencesOf, tiesOf, valueRows } from "../../figures/differences.ts";
import { both, type ReportFigure, type ReportSection } from "../../figures/figure.ts";
import { listed } from "../../figures/format.ts";
import { proseHtml } from "../../figures/html.ts";
import { questionFloor } from "../../figures/question-floor.ts";
import { differenceText, isCensored, missingText, short } from "../../figures/seed-values.ts";
import type { ReportTable, TableRow } from "../../figures/table.ts";
import { name } from "../../figures/words.ts";
import { tableHtml } from "./page.ts";

/** A name for files and anchors: "Loss, 0–1 L_max" is "loss-0-1-l-max". */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");

/** A question with what was found, its forest plots and its table. */
export function questionSection(
  answer: Answer,
  runs: readonly ComparedRun[],
  document: Document,
): ReportSection {
  const { margin } = answer.decision;
  const title = titleOf(answer);
  const floor = questionFloor(answer, runs);
  return {
    id: `on-${slugOf(title)}`,
    heading: title,
    lead: [comparisonSentence(answer), floorText(answer, floor)].filter(Boolean).join(" "),
    figures: [...valueFigure(answer, runs, document, floor), ...differenceFigure(answer, runs, document)],
    ...tableOrFolded(comparisonTable(answer, runs)),
    caption: [
      `Small dots: seeds. Large dots: means; hollow: no difference was shown. Lines: 95% intervals ${answer.metric?.success ? "of a probability, by Clopper and Pearson" : "over seeds, by Student's t"}.`,
      floor !== undefined && "Dotted: the floor.",
      margin !== undefined && "The band: differences that do not matter.",
      correctedText(answer),
      notDrawn(answer),
      answer.decision.tied.length > 0 && "Brackets: neighbours that nothing tells apart.",
    ]
      .filter(Boolean)
      .join(" "),
  };
}

/** Why a line that misses zero may be of a difference that was not shown. */
function correctedText({ decision: { contrasts } }: Answer): string | undefined {
  const all = contrasts.filter(({ p }) => p !== undefined).length;
  if (all < 2) return undefined;
  return `Verdicts hold for all ${all} comparisons together, by Holm's correction; each line is of its own alone.`;
}

const floorText = ({ question }: Answer, floor: number | undefined) =>
  floor !== undefined && `A perfect model would have ${short(floor)} ${question.unit} there, the floor.`;

/** Rows of a table that stands open, at most: the figures say the same. */
const MOST_ROWS = 8;

/** A table, folded where it is long. */
export function tableOrFolded(table: ReportTable): Pick<ReportSection, "table" | "html"> {
  if (table.rows.length <= MOST_ROWS) return { table };
  return { html: `<details><summary>The numbers</summary>${tableHtml(table)}</details>` };
}

/** Conditions of which half of the seeds or more have no value, which has no place on an axis. */
function notDrawn(answer: Answer): string | undefined {
  if (!isCensored(answer)) return undefined;
  const past = answer.decision.summaries.filter(({ mean, middle }) => (mean ?? middle) === undefined);
  if (past.length === 0) return undefined;
  return `Not drawn: ${listed(past.map((one) => name(one.name)))}, ${missingText(answer)} in half of the seeds or more.`;
}

const isShare = ({ question: { unit } }: Answer) => unit === "accuracy";

/** Conditions by value, the best first, with brackets around ties. */
function valueFigure(
  answer: Answer,
  runs: readonly ComparedRun[],
  document: Document,
  floor: number | undefined,
): ReportFigure[] {
  const rows = valueRows(answer, runs);
  if (rows.length === 0) return [];
  const ties = tiesOf(answer, rows);
  const bounds = isShare(answer) ? ([0, 1] as const) : undefined;
  const options = { label: comparisonSentence(answer), xLabel: `${answer.question.unit} →`, zero: false };
  const rule = floor === undefined ? undefined : { x: floor, label: "floor" };
  const chart = (width: number) => forest(rows, { ...options, ties, bounds, rule, width });
  return [{ ...both(chart, document), title: "Conditions, the best first" }];
}

/** Paired differences to the reference or to the best; none where no two share three seeds. */
function differenceFigure(answer: Answer, runs: readonly ComparedRun[], document: Document): ReportFigure[] {
  const found = differencesOf(answer, runs);
  if (found === undefined || found.contrasts.every(({ outcome }) => outcome === "unknown")) return [];
  const { to, asked, rows } = found;
  if (rows.length === 0) return [];
  const said = rows.map(({ label, outcome }) => `${label} ${outcome ?? ""}`).join(", ");
  const options = {
    label: `Paired differences to ${to}: ${said}.`,
    xLabel: `difference to ${to}, ${answer.question.unit} →`,
    ...{ zero: true, margin: answer.decision.margin },
  };
  const title = `Paired differences to ${name(to)}${asked ? "" : ", the best"}`;
  return [{ ...both((width) => forest(rows, { ...options, width }), document), title }];
}

/** What else was decided, as folded tables. */
export function otherQuestions(
  answers: readonly Answer[],
  runs: readonly ComparedRun[],
): ReportSection | undefined {
  if (answers.length === 0) return undefined;
  const html = answers.map((answer) =>
    folded(titleOf(answer), comparisonSentence(answer), comparisonTable(answer, runs)),
  );
  const heading = "What else was decided";
  return {
    id: "other-questions",
    heading,
    lead: "Every other question, from the same decisions.",
    html: html.join("\n"),
  };
}

const folded = (title: string, lead: string, table: ReportTable) =>
  `<details><summary>${proseHtml(title)}</summary><p>${proseHtml(lead)}</p>${tableHtml(table)}</details>`;

/** n, difference, p and verdict of each comparison that is drawn. */
export function evidenceSection(answers: readonly Answer[], runs: readonly ComparedRun[]): ReportSection {
  const html = answers.map((answer) => {
    const { contrasts = [] } = differencesOf(answer, runs) ?? {};
    const all = answer.decision.contrasts.length;
    const of = all === contrasts.length ? `${all}` : `${contrasts.length} of ${all}`;
    const lead = `${of} comparisons; p is Holm's, corrected for all ${all}.`;
    return folded(titleOf(answer), lead, evidenceTable(answer, contrasts));
  });
  return {
    id: "evidence",
    heading: "The evidence",
    lead: "What each verdict rests on. results.json of a sweep holds every seed's value and every pair; results.csv every measurement.",
    html: html.join("\n"),
  };
}

const pText = (p: number | undefined) =>
  p === undefined ? undefined : p < 0.0001 ? "< 0.0001" : p.toFixed(4);

function evidenceTable(answer: Answer, contrasts: readonly Contrast[]): ReportTable {
  const { margin } = answer.decision;
  const rows = contrasts.map((contrast): TableRow => {
    const { first, second, difference, order, p, equivalenceP } = contrast;
    return {
      compared: `${first} − ${second}`,
      n: (order ?? difference).n,
      difference: differenceText(contrast),
      p: pText(p),
      same: pText(equivalenceP),
      verdict: outcomeText(contrast, answer),
    };
  });
  return {
    columns: [
      { key: "compared", heading: "compared" },
      { key: "n", heading: "seeds in common" },
      { key: "difference", heading: `difference, ${answer.question.unit} [95%]` },
      { key: "p", heading: "p (Holm)" },
      ...(margin === undefined ? [] : [{ key: "same", heading: `p of more than ${margin}` }]),
      { key: "verdict", heading: "verdict" },
    ],
    rows,
    caption: titleOf(answer),
  };
}
