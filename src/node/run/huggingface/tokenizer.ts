/** The tokenizer beside a model that comes from elsewhere. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import { isInputError } from "../../../errors.ts";
import {
  type FoundTokenizer,
  numbersFor,
  tokenizerFrom,
} from "../../../formats/tokenizer-json/found-tokenizer.ts";
import type { Sums } from "../../files/sums.ts";
import { readJson } from "../preset.ts";

/** A folder's tokenizer where it is one that is read; else ids, written as numbers. */
export function tokenizerOf(folder: string, vocabSize: number): FoundTokenizer {
  const path = join(folder, "tokenizer.json");
  if (!existsSync(path)) return numbersFor(vocabSize, `${folder}: has no tokenizer.json`);
  try {
    return readFound(folder, vocabSize);
  } catch (error) {
    if (!isInputError(error)) throw error;
    return numbersFor(vocabSize, error.message, readJson(path));
  }
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
  return tokenizerFrom({ json, settings: () => settingsIn(folder, sums) }, vocabSize, path);
}

function settingsIn(folder: string, sums: Sums | undefined): object | undefined {
  const path = join(folder, "tokenizer_config.json");
  const sum = sums?.get("tokenizer_config.json");
  if (sum === undefined && !existsSync(path)) return undefined;
  return parseConfig(z.looseObject({}), readJson(path, sum), path);
}
