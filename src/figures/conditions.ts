/** Conditions of a comparison as a page lists them: the best first, each in its encoding's colour. */
import type { Answer } from "../compare/answers.ts";
import type { ComparedRun } from "../compare/questions.ts";
import type { Summary } from "../compare/summaries.ts";

/** The best first; where neither way is better, the lowest first. */
export function bestFirst({ decision, metric }: Answer): readonly Summary[] {
  return metric?.better === "higher" ? [...decision.summaries].reverse() : decision.summaries;
}

/** A run of a condition; a policy past L_max stands behind its condition, in parentheses. */
export const runOf = (label: string, runs: readonly ComparedRun[]): ComparedRun | undefined =>
  runs.find(({ condition }) => label === condition) ??
  runs.find(({ condition }) => label.startsWith(`${condition} (`));

/** The encoding of a condition, which decides its colour. */
export const kindOf = (label: string, runs: readonly ComparedRun[]): string =>
  runOf(label, runs)?.encoding ?? label;
