/** The tokenizers, and the door by which a saved one comes back. */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { InputError } from "../../errors.ts";
import { bytePairJson, bytePairsOf, bytePairTokenizer } from "./byte-pairs.ts";
import { characterSplit, charactersTokenizer } from "./characters.ts";
import { pieceSplit, pieceWordsTokenizer } from "./piece-words.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { tokensOf } from "./vocabulary.ts";
import { wordLevelJson, wordsOf, wordsTokenizer } from "./words.ts";

export { specialTokens, type Tokenizer } from "./tokenizer.ts";
export { wordsTokenizer } from "./words.ts";

const modelType = z.looseObject({ model: z.looseObject({ type: z.string() }) });

/** A WordLevel vocabulary of the pieces of running text: its decoder joins them without spaces. */
const splitJson = wordLevelJson.extend({
  added_tokens: z.array(z.never()),
  pre_tokenizer: z.union([characterSplit, pieceSplit]),
  decoder: z.strictObject({ type: z.literal("Fuse") }),
});

/**
 * The tokenizer that `toJSON` saved.
 * @param json The parsed `tokenizer.json`; nothing in it is trusted.
 * @throws InputError when it is of another type, or anything in it would give other ids than it seems to.
 * @example
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * assert.deepEqual(readTokenizer(tokenizer.toJSON()).encode("man bites"), [2, 1]);
 */
export function readTokenizer(json: unknown): Tokenizer {
  const { type } = parseConfig(modelType, json, "tokenizer").model;
  switch (type) {
    case "WordLevel":
      return readWordLevel(json);
    case "BPE":
      return bytePairTokenizer(bytePairsOf(parseConfig(bytePairJson, json, "tokenizer")));
    default:
      throw new InputError(`tokenizer: model type "${type}" is not read; use one of WordLevel, BPE`);
  }
}

const isSplit = z.looseObject({ pre_tokenizer: z.looseObject({ type: z.literal("Split") }) });

function readWordLevel(json: unknown): Tokenizer {
  if (!isSplit.safeParse(json).success) {
    return wordsTokenizer(wordsOf(parseConfig(wordLevelJson, json, "tokenizer")));
  }
  const { pre_tokenizer, model } = parseConfig(splitJson, json, "tokenizer");
  const tokens = tokensOf(model.vocab);
  return characterSplit.safeParse(pre_tokenizer).success
    ? charactersTokenizer(tokens)
    : pieceWordsTokenizer(tokens);
}
