/**
 * Pairs of a user's file, one JSON object a line, all of one kind. Two orders and what should
 * follow the first,
 *
 *     {"context": "dog bites man . who bites ?", "swapped": "man bites dog . who bites ?", "answer": "dog"}
 *
 * of whose answer the first token is what is scored; or minimal pairs in BLiMP's format (Warstadt
 * et al. 2020), whose other fields but "UID" are not read:
 *
 *     {"sentence_good": "Kayla won't hurt herself.", "sentence_bad": "Kayla won't hurt himself.", "UID": "anaphor_gender_agreement"}
 */
import { z } from "zod";
import { parseConfig } from "../config.ts";
import { InputError } from "../errors.ts";
import type { Material, MinimalPair, MinimalPairs, OrderPair, Pairs } from "./material.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

const MOST_CHARACTERS = 100_000;
const text = z
  .string()
  .min(1)
  .max(MOST_CHARACTERS)
  .refine((words) => words.trim() !== "", { error: "is blank" });
const orders = z.object({ context: text, swapped: text, answer: text });
const minimal = z.object({ sentence_good: text, sentence_bad: text, UID: text.optional() });

const EXAMPLES = {
  pairs: '{"context": …, "swapped": …, "answer": …}',
  minimal: '{"sentence_good": …, "sentence_bad": …}',
} as const;
type Kind = keyof typeof EXAMPLES;

interface Line {
  readonly kind: Kind;
  readonly value: unknown;
  readonly where: string;
}

/**
 * What a file holds, which its first line says.
 *
 * @param source the file's content
 * @param opening tokens that open each context, such as `<bos>`
 * @throws InputError where a line is no pair or of another kind than the first, orders do not have
 *   the same tokens, or a word is unknown
 * @example
 * const line = { sentence_good: "dog bites man", sentence_bad: "bites dog man" };
 * const { minimal } = pairMaterial(JSON.stringify(line), wordsTokenizer(["dog", "bites", "man"]), [], "mine.jsonl");
 * assert.deepEqual(minimal?.pairs[0]?.bad, [1, 0, 2]);
 */
export function pairMaterial(
  source: string,
  tokenizer: Tokenizer,
  opening: readonly number[],
  where: string,
): Pick<Material, "pairs" | "minimal"> {
  const lines = linesOf(source, where);
  return lines[0]?.kind === "minimal"
    ? { minimal: minimalOf(lines, tokenizer, opening) }
    : { pairs: pairsOf(lines, tokenizer, opening, where) };
}

/**
 * Two orders a line, as `pairMaterial` reads them.
 *
 * @throws InputError as `pairMaterial`, and for minimal pairs
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
  return pairsOf(linesOf(source, where), tokenizer, opening, where);
}

/** @throws InputError where a line is of another kind than the first */
function linesOf(source: string, where: string): Line[] {
  const lines = source.replace(/^\uFEFF/, "").split(/\r?\n/);
  const all = lines.flatMap((one, i): Line[] => {
    if (one.trim() === "") return [];
    const at = `${where}: line ${i + 1}`;
    const value = parsed(one, at);
    const isMinimal = typeof value === "object" && value !== null && "sentence_good" in value;
    return [{ kind: isMinimal ? "minimal" : "pairs", value, where: at }];
  });
  const [first] = all;
  const other = all.find(({ kind }) => kind !== first?.kind);
  if (first === undefined || other === undefined) return all;
  throw new InputError(
    `${other.where}: should be ${EXAMPLES[first.kind]} as the first line is, and is ${EXAMPLES[other.kind]}; give each kind a file of its own`,
  );
}

function pairsOf(
  lines: readonly Line[],
  tokenizer: Tokenizer,
  opening: readonly number[],
  where: string,
): Pairs {
  if (lines.length === 0)
    throw new InputError(
      `${where}: holds no pair; give lines such as ${EXAMPLES.pairs} or ${EXAMPLES.minimal}`,
    );
  const pairs = lines.map((line) => pairOf(line, tokenizer, opening));
  return { fixed: opening.length, splits: ["file"], of: () => pairs };
}

function pairOf({ value, where }: Line, tokenizer: Tokenizer, opening: readonly number[]): OrderPair {
  const { context, swapped, answer } = parseConfig(orders, value, where);
  const ids = (words: string) => named(where, () => tokenizer.encode(words));
  const pair = { context: [...opening, ...ids(context)], swapped: [...opening, ...ids(swapped)] };
  if (!sameTokens(pair.context, pair.swapped))
    throw new InputError(
      `${where}: "context" and "swapped" do not have the same tokens, so that more than their order differs; ${remedyOf(pair, tokenizer)}`,
    );
  if (pair.context.every((token, i) => token === pair.swapped[i]))
    throw new InputError(`${where}: "context" and "swapped" are one order; give two orders of one text`);
  const [first] = named(where, () => idsAfter(tokenizer, context, answer));
  if (first === undefined)
    throw new InputError(`${where}: "answer" has no token; give the word that should follow`);
  return { ...pair, answer: first };
}

/** Where pieces keep the space before a word, the first word of a text is another token than behind one. */
function remedyOf({ context, swapped }: Omit<OrderPair, "answer">, tokenizer: Tokenizer): string {
  const words = (ids: readonly number[]) =>
    ids.map((id) => tokenizer.token(id).replace(/^[\s▁Ġ]+/u, "")).sort();
  const isBySpaces = words(context).join("\n") === words(swapped).join("\n");
  return isBySpaces
    ? "a word has another token behind a space: begin both with a space"
    : "give two orders of one text";
}

/**
 * The tokens of what follows a context. Where pieces keep the space before a word, that space is
 * the answer's: a tokenizer from elsewhere reads both as one text.
 */
function idsAfter(tokenizer: Tokenizer, context: string, answer: string): number[] {
  if (tokenizer.kind !== "foreign") return tokenizer.encode(answer);
  const before = tokenizer.encode(context);
  const joint = /^\s/u.test(answer) || /\s$/u.test(context) ? "" : " ";
  const whole = tokenizer.encode(context + joint + answer);
  if (before.every((id, i) => id === whole[i])) return whole.slice(before.length);
  throw new InputError(
    `"answer" and the end of "context" are one token together; end the context with a whole word`,
  );
}

function minimalOf(lines: readonly Line[], tokenizer: Tokenizer, opening: readonly number[]): MinimalPairs {
  const pairs = lines.map(({ value, where }): MinimalPair => {
    const { sentence_good, sentence_bad, UID } = parseConfig(minimal, value, where);
    if (sentence_good === sentence_bad)
      throw new InputError(`${where}: the two sentences are one; give a good one and a bad one`);
    const [good, bad] = [sentence_good, sentence_bad].map((words) =>
      named(where, () => [...opening, ...tokenizer.encode(words)]),
    ) as [number[], number[]];
    return { good, bad, ...(UID !== undefined && { paradigm: UID }) };
  });
  return { fixed: opening.length, split: "file", pairs };
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

/** Whether two lists hold the same tokens, each as often. */
export function sameTokens(a: readonly number[], b: readonly number[]): boolean {
  const sorted = (ids: readonly number[]) => [...ids].sort((x, y) => x - y).join();
  return sorted(a) === sorted(b);
}
