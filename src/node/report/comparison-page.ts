/**
 * The page of a comparison: the question, the verdict in words, forest plots with ties, ranks,
 * curves over seeds, why conditions differ, and the evidence.
 */
import type { Answer } from "../../compare/answers.ts";
import type { ComparedRun } from "../../compare/questions.ts";
import { type RankAgreement, rankAgreements } from "../../compare/rank-agreement.ts";
import { allLengths } from "../../figures/all-lengths.ts";
import { comparedResult } from "../../figures/compared-result.ts";
import { comparisonSentence } from "../../figures/comparison.ts";
import { type Figure, findings, type ReportSection, sectionsOf } from "../../figures/figure.ts";
import { listed } from "../../figures/format.ts";
import { headlinesOf } from "../../figures/headlines.ts";
import { figures } from "../../figures/index.ts";
import { agreementSection, agreementSentence } from "../../figures/rank-agreement.ts";
import { rankSection } from "../../figures/ranks.ts";
import type { DemoResult } from "../../figures/results.ts";
import { tradeoff } from "../../figures/tradeoff.ts";
import { vocabulariesSentence } from "../../figures/vocabularies.ts";
import { why } from "../../figures/why.ts";
import { name } from "../../figures/words.ts";
import { metrics } from "../../probes/index.ts";
import { COMPARISON_GLOSSARY } from "./comparison-glossary.ts";
import { meansCsv } from "./csv.ts";
import type { NamedFigure } from "./figure-files.ts";
import { nodeDocument } from "./node-document.ts";
import { figuresOf, fileLink, type Provenance, type ReportPage, reportPage } from "./page.ts";
import {
  evidenceSection,
  otherQuestions,
  questionSection,
  slugOf,
  tableOrFolded,
} from "./question-section.ts";

/** What the page says that it was written by. */
export const COMPARISON_PAGE = "whereabouts compare";

export interface ComparisonPage {
  readonly answers: readonly Answer[];
  readonly runs: readonly ComparedRun[];
  readonly provenance: Provenance;
  /** What makes the page again. */
  readonly command: string;
  /** The folder beside the page where its figures will be saved. */
  readonly folder: string;
}

/** Verdicts in short, and metrics whose ranks are followed over training, at most. */
const [MOST_SENTENCES, MOST_AGREEMENTS] = [6, 3];

interface WrittenPage {
  readonly html: string;
  readonly figures: readonly NamedFigure[];
  /** What lies beside the figures, by its name. */
  readonly files: Readonly<Record<string, string>>;
}

/** The whole page, ready to be written to a file, and what lies in the folder beside it. */
export async function comparisonPage({
  answers,
  runs,
  provenance,
  command,
  folder,
}: ComparisonPage): Promise<WrittenPage> {
  const document = await nodeDocument();
  const { shown, rest } = headlinesOf(answers);
  const groups = groupsByData(runs);
  const differ = vocabulariesSentence(runs);
  const ranks = rankSection(shown, runs, document);
  const agreements = rankAgreements(runs, metrics).slice(0, MOST_AGREEMENTS);
  const others = otherQuestions(rest, runs);
  const verdicts = shown.filter(({ question: { at } }) => at.split !== "train").map(comparisonSentence);
  const found = groups.flatMap(({ results }) => findings([tradeoff], results));
  const page = {
    title: titleOf(runs),
    subtitle: subtitleOf(runs),
    provenance,
    answer: [
      ...(differ === undefined ? [] : [differ]),
      ...verdicts.slice(0, MOST_SENTENCES),
      ...found.slice(0, 1),
      ...agreements.slice(0, 1).map(agreementSentence),
    ],
    sections: [
      ...shown.map((answer) => questionSection(answer, runs, document)),
      ...(ranks?.table === undefined ? [] : [{ ...ranks, table: undefined, ...tableOrFolded(ranks.table) }]),
      ...agreements.map((one) => ({ ...agreementSection(one, document), id: agreementId(one) })),
      ...groups.flatMap((group) => groupSections(group, document)),
      ...lengthSections(answers, runs, folder),
      ...(others === undefined ? [] : [others]),
      evidenceSection(shown, runs),
    ],
    glossary: COMPARISON_GLOSSARY,
    commands: [[command, "makes this page again, of what is kept where nothing changed"]],
    generator: COMPARISON_PAGE,
    figures: folder,
  } satisfies ReportPage;
  const files = { [MEANS_FILE]: meansCsv(answers) };
  return { html: reportPage(page), figures: figuresOf(page), files };
}

/** The name of the table of means beside the figures. */
const MEANS_FILE = "means.csv";

/** Every metric at every length, and where the same is as CSV. */
function lengthSections(
  answers: readonly Answer[],
  runs: readonly ComparedRun[],
  folder: string,
): ReportSection[] {
  const table = allLengths(answers, runs);
  if (table === undefined) return [];
  const { html = "", ...open } = tableOrFolded(table);
  const link = `<p class="save">${fileLink(`${folder}/${MEANS_FILE}`, "CSV")}</p>`;
  const lead =
    "Means over seeds with their intervals, a row for each metric and length that conditions were compared at.";
  return [
    { id: "all-lengths", heading: "Every metric at every length", lead, ...open, html: `${html}${link}` },
  ];
}

const agreementId = ({ metric, at }: RankAgreement) =>
  slugOf(`ranks ${[metric, ...Object.values(at)].join(" ")}`);

/** The question: encodings are asked about by their name where they are what differs. */
function titleOf(runs: readonly ComparedRun[]): string {
  const several = new Set(runs.map(({ encoding }) => encoding)).size > 1;
  return several ? "Which position encoding, and why?" : "Which one, and by how much?";
}

function subtitleOf(runs: readonly ComparedRun[]): string {
  const conditions = [...new Set(runs.map(({ condition }) => condition))];
  const data = [...new Set(runs.flatMap((run) => run.data || []))];
  const on = data.length > 1 ? ` on ${listed(data)}` : "";
  return `${runs.length} runs of ${listed(conditions.map(name))}${on}, paired by seed: runs of one seed began with the same weights and saw the same batches.`;
}

/** Runs of one kind of data, as the figures read them. */
interface Group {
  readonly data: string | undefined;
  readonly results: readonly DemoResult[];
}

function groupsByData(runs: readonly ComparedRun[]): Group[] {
  const kinds = [...new Set(runs.map(({ data }) => data))];
  return kinds.map((data) => ({
    data: kinds.length > 1 ? data : undefined,
    results: runs.filter((run) => run.data === data).map(comparedResult),
  }));
}

/**
 * The panel "why" stands in place of the figures that show every head of every condition; swap
 * accuracy is a question of its own.
 */
const shownFigures: readonly Figure[] = figures
  .filter(({ id }) => id !== "order")
  .map((figure) => ({ ...(why.find(({ id }) => id === figure.id) ?? figure), optional: true }));

/** The figures of one kind of data; of several kinds, each heading says which. */
function groupSections({ data, results }: Group, document: Document): ReportSection[] {
  const sections = sectionsOf(shownFigures, results, document);
  if (data === undefined) return sections;
  return sections.map((one) => ({
    ...one,
    id: `${slugOf(data)}-${one.id}`,
    heading: `${data}: ${one.heading}`,
  }));
}
