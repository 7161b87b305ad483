/**
 * The page of a comparison: what was decided in short, a forest plot and a table for each question,
 * then the curves over seeds.
 */
import type { Answer } from "../../compare/answers.ts";
import type { ComparedRun } from "../../compare/questions.ts";
import { forest } from "../../figures/charts/forest.ts";
import { comparisonSentence, comparisonTable, differenceRows, titleOf } from "../../figures/comparison.ts";
import { both, type Figure, type ReportSection, sectionsOf } from "../../figures/figure.ts";
import { listed } from "../../figures/format.ts";
import { figures } from "../../figures/index.ts";
import type { DemoResult } from "../../figures/results.ts";
import { name } from "../../figures/words.ts";
import { nodeDocument } from "./node-document.ts";
import { type Provenance, reportPage } from "./page.ts";

/** What the page says that it was written by. */
export const COMPARISON_PAGE = "whereabouts compare";

export interface ComparisonPage {
  readonly answers: readonly Answer[];
  readonly runs: readonly ComparedRun[];
  readonly provenance: Provenance;
  /** What makes the page again. */
  readonly command: string;
}

/** Sentences in short, at most. */
const MOST_SENTENCES = 5;

/** The whole page, ready to be written to a file. */
export async function comparisonPage({
  answers,
  runs,
  provenance,
  command,
}: ComparisonPage): Promise<string> {
  const document = await nodeDocument();
  const judging = answers.filter(({ question: { at } }) => at.split !== "train");
  const conditions = [...new Set(runs.map(({ condition }) => condition))];
  const data = new Set(runs.map((run) => run.data));
  const shown = figures.map((figure): Figure => ({ ...figure, optional: true }));
  return reportPage({
    title: "Which one, and by how much?",
    subtitle: `${runs.length} runs of ${listed(conditions.map(name))}, paired by seed: runs of one seed began with the same weights and saw the same batches.`,
    provenance,
    answer: judging.slice(0, MOST_SENTENCES).map(comparisonSentence),
    sections: [
      ...answers.map((answer, i) => questionSection(answer, runs, i, document)),
      ...(data.size === 1 ? sectionsOf(shown, runs.map(resultOf), document) : []),
    ],
    glossary: GLOSSARY,
    commands: [[command, "makes this page again, of what is kept where nothing changed"]],
    generator: COMPARISON_PAGE,
  });
}

function questionSection(
  answer: Answer,
  runs: readonly ComparedRun[],
  index: number,
  document: Document,
): ReportSection {
  const { unit } = answer.question;
  const { against, margin } = answer.decision;
  const rows = differenceRows(answer, runs);
  const lead = comparisonSentence(answer);
  const xLabel = against === undefined ? `${unit} →` : `difference to ${against}, ${unit} →`;
  const chart = (width: number) =>
    forest(rows, { label: lead, xLabel, width, margin, zero: against !== undefined });
  return {
    id: `question-${index + 1}`,
    heading: titleOf(answer),
    lead,
    figures: rows.length > 0 ? [both(chart, document)] : [],
    table: comparisonTable(answer, runs),
    caption: `Small dots: seeds. Large dots: means. Lines: 95% intervals over seeds, by Student's t${margin === undefined ? "" : "; the band: differences that do not matter"}.`,
  };
}

/** A run as the figures read it: their curves and bands are over the seeds of a condition. */
const resultOf = ({ condition, encoding, context, parameters, measurements }: ComparedRun): DemoResult => ({
  ...{ preset: condition, encoding, title: condition, parameters, measurements },
  config: { model: { context } },
  log: [],
});

const GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  [
    "Paired difference",
    "The difference of two conditions within a seed, averaged over the seeds that both have. What a seed does to both alike is no part of it.",
  ],
  [
    "p (Holm)",
    "How often conditions that do not differ would show so large a difference, corrected for the number of comparisons: the chance of one false difference or more is 5% at most.",
  ],
  [
    "The same within",
    "Two one-sided tests show that the difference is smaller than the margin that was given. Not different is less than that: too few seeds may hide a difference.",
  ],
  [
    "Undecided",
    "Neither a difference nor its absence was shown. A difference of the size that is named would be found in four of five such experiments; a smaller one may be missed.",
  ],
  ["Tied", "Letters mark runs of neighbours, by their means, in which no two were shown to differ."],
];
