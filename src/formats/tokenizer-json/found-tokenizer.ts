/** The tokenizer of a model that comes from elsewhere: one that we wrote, one as people publish them, or ids. */
import { z } from "zod";
import { readTokenizer, type Tokenizer, wordsTokenizer } from "../../data/tokenizers/index.ts";
import { InputError, isInputError } from "../../errors.ts";
import { openForeign } from "./index.ts";

export interface FoundTokenizer {
  readonly tokenizer: Tokenizer;
  /** What a person should know, such as that words are not known and ids stand for them. */
  readonly notes: readonly string[];
}

/** What says which tokens there are. */
export interface TokenizerFiles {
  /** The parsed tokenizer.json. */
  readonly json: unknown;
  /** The parsed tokenizer_config.json, where there is one; asked for where it is needed. */
  settings(): object | undefined;
}

/**
 * One that we wrote, else one as people publish them.
 *
 * @param vocabSize rows of the model
 * @param where names tokenizer.json in messages
 * @throws InputError that says what of its files is not followed
 */
export function tokenizerFrom(
  { json, settings }: TokenizerFiles,
  vocabSize: number,
  where: string,
): FoundTokenizer {
  const own = ownTokenizer(json);
  if (own?.vocabSize === vocabSize) return { tokenizer: own, notes: [] };
  const { tokenizer, notes } = openForeign(json, { settings: settings(), vocabSize, where });
  if ((tokenizer.special ?? []).length < vocabSize) return { tokenizer, notes };
  throw new InputError(`${where}: has no token for any of the model's ${vocabSize} rows`);
}

function ownTokenizer(json: unknown): Tokenizer | undefined {
  try {
    return readTokenizer(json);
  } catch (error) {
    if (isInputError(error)) return undefined;
    throw error;
  }
}

/**
 * Ids, written as numbers.
 *
 * @param problem why there are no words
 * @param json the parsed tokenizer.json, where there is one
 */
export function numbersFor(vocabSize: number, problem: string, json?: unknown): FoundTokenizer {
  const mask = maskIn(json, vocabSize);
  const hidden = mask === undefined ? "" : `; ${mask} is the mask`;
  const numbers = Array.from({ length: vocabSize }, (_, id) => String(id));
  return {
    tokenizer: { ...wordsTokenizer(numbers), ...(mask !== undefined && { mask }) },
    notes: [`${problem}; tokens are written as their ids, such as "15 7 3"${hidden}`],
  };
}

const addedTokens = z.object({
  added_tokens: z.array(z.object({ id: z.int().min(0), content: z.string() })),
});

/**
 * Id of the mask that a tokenizer.json lists, whatever its model is; without it a masked model
 * cannot answer.
 */
function maskIn(json: unknown, vocabSize: number): number | undefined {
  const read = addedTokens.safeParse(json);
  const mask = read.data?.added_tokens.find(({ content }) => content === "[MASK]" || content === "<mask>");
  return mask !== undefined && mask.id < vocabSize ? mask.id : undefined;
}
