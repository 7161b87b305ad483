/** What is said where conditions split text into different tokens. */
import type { ComparedRun } from "../compare/questions.ts";
import { count, listed } from "./format.ts";
import { name } from "./words.ts";

/**
 * Of conditions that are compared on one data and have different tokenizers; undefined where none
 * are. A loss a token of one is then no loss a token of the other, and a length is another text.
 */
export function vocabulariesSentence(runs: readonly ComparedRun[]): string | undefined {
  const found = [...new Set(runs.map(({ data }) => data))]
    .map((data) => conditionsBySum(runs.filter((run) => run.data === data)))
    .find((bySum) => bySum.size > 1);
  if (found === undefined) return undefined;
  const kinds = [...found.values()].map(
    ({ size, conditions }) => `${listed([...conditions].map(name))} (${count(size)} tokens)`,
  );
  return `Their tokenizers differ: ${kinds.join("; ")}. Losses are per token and lengths are in tokens, so neither can be compared between them.`;
}

function conditionsBySum(runs: readonly ComparedRun[]) {
  const found = new Map<string, { readonly size: number; readonly conditions: Set<string> }>();
  for (const { condition, vocabulary } of runs) {
    if (vocabulary === undefined) continue;
    const { size, sha256 } = vocabulary;
    const one = found.get(sha256) ?? { size, conditions: new Set() };
    one.conditions.add(condition);
    found.set(sha256, one);
  }
  return found;
}
