/**
 * A closed vocabulary of words separated by white space: a word outside it is an error, never an `<unk>`.
 *
 * Saved as a Hugging Face `tokenizer.json` of model type WordLevel. The format demands the name of
 * an unknown token; since the vocabulary lacks it, the `tokenizers` package refuses unknown words
 * too.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { specialTokens, type Tokenizer } from "./tokenizer.ts";
import { createVocabulary, tokensOf, vocabJson } from "./vocabulary.ts";

/** Words that an error lists in full. */
const mostListed = 64;

const absent = z.null().optional();

/**
 * The part of Hugging Face's format that this tokenizer follows: whatever would change the ids must
 * be absent.
 */
export const wordLevelJson = z.strictObject({
  version: z.literal("1.0"),
  truncation: absent,
  padding: absent,
  added_tokens: z.array(z.looseObject({ id: z.int().min(0), content: z.string() })),
  normalizer: absent,
  pre_tokenizer: z.strictObject({ type: z.literal("WhitespaceSplit") }),
  post_processor: absent,
  decoder: absent,
  model: z.strictObject({
    type: z.literal("WordLevel"),
    vocab: z.record(z.string(), z.int().min(0)),
    unk_token: z.string(),
  }),
});

/**
 * A tokenizer whose ids are the places of the words in `vocabulary`.
 * @throws InputError when a word is empty, holds white space or occurs twice.
 * @example
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * assert.deepEqual(tokenizer.encode("dog bites man"), [0, 1, 2]);
 */
export function wordsTokenizer(vocabulary: readonly string[]): Tokenizer {
  vocabulary.forEach(requireWord);
  const { ids, special, token } = createVocabulary(vocabulary);
  return {
    kind: "words",
    vocabSize: vocabulary.length,
    ...special,
    encode: (text) => text.split(/\s+/u).flatMap((word) => (word === "" ? [] : [idOf(ids, word)])),
    decode: (list) => list.map(token).join(" "),
    token,
    toJSON: () => toWordLevel(vocabulary),
  };
}

/**
 * The words of a parsed `tokenizer.json`, in the order of their ids.
 * @throws InputError when ids are not 0 … V−1, each once, or an added token differs from the vocabulary.
 */
export function wordsOf(json: z.infer<typeof wordLevelJson>): string[] {
  const words = tokensOf(json.model.vocab);
  for (const { id, content } of json.added_tokens) {
    if (words[id] !== content) {
      throw new InputError(
        `tokenizer: added token "${content}" has id ${id}, not so in model.vocab; make them agree`,
      );
    }
  }
  return words;
}

function requireWord(word: string, id: number): void {
  if (word === "" || /\s/u.test(word)) {
    throw new InputError(
      `tokenizer: word ${id} is ${JSON.stringify(word)}; words are not empty and hold no white space`,
    );
  }
}

function idOf(ids: ReadonlyMap<string, number>, word: string): number {
  const id = ids.get(word);
  if (id !== undefined) return id;
  const words = [...ids.keys()];
  const near = nearest(words, word);
  const known =
    words.length <= mostListed ? `known are ${words.join(" ")}` : `it holds ${words.length} others`;
  const advice = near === undefined ? known : `did you mean "${near}"?`;
  throw new InputError(`tokenizer: "${word}" is not in the vocabulary; ${advice}`);
}

function toWordLevel(vocabulary: readonly string[]): z.infer<typeof wordLevelJson> {
  const special: readonly string[] = Object.values(specialTokens);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: vocabulary.flatMap((content, id) =>
      special.includes(content) ? [{ id, content, ...flags }] : [],
    ),
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: vocabJson(vocabulary),
      unk_token: "<unk>",
    },
  };
}

/** The word fewest edits away, when at most two and less than half the word would change. */
function nearest(words: readonly string[], wrong: string): string | undefined {
  const limit = Math.min(2, Math.floor((wrong.length - 1) / 2));
  let best: { word: string; distance: number } | undefined;
  for (const word of words) {
    if (Math.abs(word.length - wrong.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), wrong.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { word, distance };
  }
  return best?.word;
}

/**
 * Insertions, deletions, substitutions and exchanges of neighbours that turn `a` into `b` (optimal
 * string alignment).
 */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const crossed = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = crossed ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(substituted, exchanged, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
