/** The tokenizers, and the door by which a saved one comes back. */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { InputError } from "../../errors.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { wordLevelJson, wordsOf, wordsTokenizer } from "./words.ts";

export { specialTokens, type Tokenizer } from "./tokenizer.ts";
export { wordsTokenizer } from "./words.ts";

const modelType = z.looseObject({ model: z.looseObject({ type: z.string() }) });

/**
 * The tokenizer that `toJSON` saved.
 * @param json The parsed `tokenizer.json`; nothing in it is trusted.
 * @throws InputError when it is of another type, or anything in it would give other ids than it seems to.
 */
export function readTokenizer(json: unknown): Tokenizer {
  const { type } = parseConfig(modelType, json, "tokenizer").model;
  switch (type) {
    case "WordLevel":
      return wordsTokenizer(wordsOf(parseConfig(wordLevelJson, json, "tokenizer")));
    default:
      throw new InputError(`tokenizer: model type "${type}" is not read; use one of WordLevel`);
  }
}
