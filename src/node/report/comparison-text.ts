/** What `compare` prints for a person. */
import type { Answer } from "../../compare/answers.ts";
import type { ComparedRun } from "../../compare/questions.ts";
import { comparisonSentence, comparisonTable } from "../../figures/comparison.ts";
import { textTable } from "../../figures/table.ts";
import { terminalColumns, wrapped } from "./wrap.ts";

/** A question: its caption, its table, and what was found. */
export function comparisonText(answer: Answer, runs: readonly ComparedRun[]): string {
  const { columns, rows, caption } = comparisonTable(answer, runs);
  const sentence = comparisonSentence(answer).replaceAll("`", "");
  return [wrapped(caption), textTable(columns, rows, terminalColumns()), wrapped(sentence)].join("\n");
}
