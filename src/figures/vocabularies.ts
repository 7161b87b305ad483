/** What is said where conditions split text into different tokens. */
import type { ComparedRun } from "../compare/questions.ts";
import { listed } from "./format.ts";
import { name } from "./words.ts";

/**
 * Of conditions that are asked about the same data and have different tokenizers; undefined where
 * none have. A loss per token then means different things, and so does a length in tokens.
 */
export function vocabulariesSentence(runs: readonly ComparedRun[]): string | undefined {
  const found = [...new Set(runs.map(({ data }) => data))]
    .map((data) => byVocabulary(runs.filter((run) => run.data === data)))
    .find((groups) => groups.length > 1);
  if (found === undefined) return undefined;
  const groups = found.map((conditions) => listed(conditions.map(name))).join("; ");
  return `Their tokenizers differ: ${groups}. Losses are per token and lengths are in tokens, so neither can be compared between them.`;
}

/** Conditions, in groups of one vocabulary. */
function byVocabulary(runs: readonly ComparedRun[]): string[][] {
  const found = new Map<string, Set<string>>();
  for (const { condition, vocabulary } of runs) {
    if (vocabulary === undefined) continue;
    found.set(vocabulary, (found.get(vocabulary) ?? new Set()).add(condition));
  }
  return [...found.values()].map((conditions) => [...conditions]);
}
