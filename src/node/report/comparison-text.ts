/** What `compare` prints for a person. */
import type { Answer } from "../../compare/answers.ts";
import type { ComparedRun } from "../../compare/questions.ts";
import type { RankAgreement } from "../../compare/rank-agreement.ts";
import { comparisonSentence, comparisonTable } from "../../figures/comparison.ts";
import { agreementSentence, agreementTable } from "../../figures/rank-agreement.ts";
import { type ReportTable, textTable } from "../../figures/table.ts";
import { terminalColumns, wrapped } from "./wrap.ts";

/** A question: its caption, its table, and what was found. */
export function comparisonText(answer: Answer, runs: readonly ComparedRun[]): string {
  return tableText(comparisonTable(answer, runs), comparisonSentence(answer));
}

/** From which step on conditions stood in the order of the end. */
export const agreementText = (found: RankAgreement): string =>
  tableText(agreementTable(found), agreementSentence(found));

const tableText = ({ columns, rows, caption }: ReportTable, sentence: string) =>
  [wrapped(caption), textTable(columns, rows, terminalColumns()), wrapped(sentence.replaceAll("`", ""))].join(
    "\n",
  );
