/** The tokenizer beside a model that comes from elsewhere. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import { readTokenizer, type Tokenizer, wordsTokenizer } from "../../../data/tokenizers/index.ts";
import { InputError, isInputError } from "../../../errors.ts";
import { openForeign } from "../../../formats/tokenizer-json/index.ts";
import type { Sums } from "../../files/sums.ts";
import { readJson } from "../preset.ts";

export interface FoundTokenizer {
  readonly tokenizer: Tokenizer;
  /** What a person should know, such as that words are not known and ids stand for them. */
  readonly notes: readonly string[];
}

/** A folder's tokenizer where it is one that is read; else ids, written as numbers. */
export function tokenizerOf(folder: string, vocabSize: number): FoundTokenizer {
  const path = join(folder, "tokenizer.json");
  let problem = `${folder}: has no tokenizer.json`;
  if (existsSync(path)) {
    try {
      return readFound(folder, vocabSize);
    } catch (error) {
      if (!isInputError(error)) throw error;
      problem = error.message;
    }
  }
  const mask = maskIn(path, vocabSize);
  const hidden = mask === undefined ? "" : `; ${mask} is the mask`;
  const numbers = Array.from({ length: vocabSize }, (_, id) => String(id));
  return {
    tokenizer: { ...wordsTokenizer(numbers), ...(mask !== undefined && { mask }) },
    notes: [`${problem}; tokens are written as their ids, such as "15 7 3"${hidden}`],
  };
}

/**
 * One that we wrote, else one as people publish them.
 *
 * @param vocabSize rows of the model
 * @param sums what the bytes of the files have to be
 * @throws InputError that says what of its files is not followed
 */
export function readFound(folder: string, vocabSize: number, sums?: Sums): FoundTokenizer {
  const path = join(folder, "tokenizer.json");
  const json = readJson(path, sums?.get("tokenizer.json"));
  const own = ownTokenizer(json);
  if (own?.vocabSize === vocabSize) return { tokenizer: own, notes: [] };
  const settings = settingsIn(folder, sums);
  const { tokenizer, notes } = openForeign(json, { settings, vocabSize, where: path });
  if ((tokenizer.special ?? []).length < vocabSize) return { tokenizer, notes };
  throw new InputError(`${path}: has no token for any of the model's ${vocabSize} rows`);
}

function ownTokenizer(json: unknown): Tokenizer | undefined {
  try {
    return readTokenizer(json);
  } catch (error) {
    if (isInputError(error)) return undefined;
    throw error;
  }
}

function settingsIn(folder: string, sums: Sums | undefined): object | undefined {
  const path = join(folder, "tokenizer_config.json");
  const sum = sums?.get("tokenizer_config.json");
  if (sum === undefined && !existsSync(path)) return undefined;
  return parseConfig(z.looseObject({}), readJson(path, sum), path);
}

const addedTokens = z.object({
  added_tokens: z.array(z.object({ id: z.int().min(0), content: z.string() })),
});

/**
 * Id of the mask that a tokenizer.json lists, whatever its model is; without it a masked model
 * cannot answer.
 */
function maskIn(path: string, vocabSize: number): number | undefined {
  if (!existsSync(path)) return undefined;
  const read = addedTokens.safeParse(readJson(path));
  const mask = read.data?.added_tokens.find(({ content }) => content === "[MASK]" || content === "<mask>");
  return mask !== undefined && mask.id < vocabSize ? mask.id : undefined;
}
