/**
 * Pairs of a user's file, one JSON object a line:
 *
 *     {"context": "dog bites man . who bites ?", "swapped": "man bites dog . who bites ?", "answer": "dog"}
 *
 * The answer is what should follow `context`, and its first token is what is scored.
 */
import { z } from "zod";
import { parseConfig } from "../config.ts";
import { InputError } from "../errors.ts";
import type { OrderPair, Pairs } from "./material.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

const MOST_CHARACTERS = 100_000;
const text = z.string().min(1).max(MOST_CHARACTERS);
const line = z.object({ context: text, swapped: text, answer: text });

/**
 * @param source the file's content
 * @param opening tokens that open each context, such as `<bos>`
 * @throws InputError where a line is no pair, its orders do not have the same tokens, or a word is unknown
 * @example
 * const line = { context: "dog bites man", swapped: "man bites dog", answer: "dog" };
 * const pairs = pairsOfLines(JSON.stringify(line), wordsTokenizer(["dog", "bites", "man"]), [], "mine.jsonl");
 * assert.equal(pairs.of(pairs.splits[0] as string)[0]?.answer, 0);
 */
export function pairsOfLines(
  source: string,
  tokenizer: Tokenizer,
  opening: readonly number[],
  where: string,
): Pairs {
  const lines = source.replace(/^\uFEFF/, "").split(/\r?\n/);
  const pairs = lines.flatMap((one, i) =>
    one.trim() === "" ? [] : [pairOf(one, tokenizer, opening, `${where}: line ${i + 1}`)],
  );
  if (pairs.length === 0)
    throw new InputError(
      `${where}: holds no pair; give lines such as {"context": …, "swapped": …, "answer": …}`,
    );
  return { fixed: opening.length, splits: ["file"], of: () => pairs };
}

function pairOf(given: string, tokenizer: Tokenizer, opening: readonly number[], where: string): OrderPair {
  const { context, swapped, answer } = parseConfig(line, parsed(given, where), where);
  const ids = (words: string) => named(where, () => tokenizer.encode(words));
  const pair = { context: [...opening, ...ids(context)], swapped: [...opening, ...ids(swapped)] };
  if (!sameTokens(pair.context, pair.swapped)) {
    throw new InputError(
      `${where}: "context" and "swapped" do not have the same tokens, so that more than their order differs; give two orders of one text`,
    );
  }
  const [first] = ids(answer);
  if (first === undefined)
    throw new InputError(`${where}: "answer" has no token; give the word that should follow`);
  return { ...pair, answer: first };
}

function parsed(given: string, where: string): unknown {
  try {
    return JSON.parse(given);
  } catch (cause) {
    throw new InputError(`${where}: is not JSON (${(cause as Error).message}); give an object a line`, {
      cause,
    });
  }
}

function named<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new InputError(`${where}: ${(cause as Error).message}`, { cause });
  }
}

function sameTokens(a: readonly number[], b: readonly number[]): boolean {
  const sorted = (ids: readonly number[]) => [...ids].sort((x, y) => x - y).join();
  return sorted(a) === sorted(b);
}
