/** The tokenizer of a model that comes from elsewhere, from bytes. */
import { isInputError } from "../../errors.ts";
import {
  type FoundTokenizer,
  numbersFor,
  tokenizerFrom,
} from "../../formats/tokenizer-json/found-tokenizer.ts";
import { type Folder, jsonIn } from "./folder.ts";

/** What its files say of its tokens; ids where they say nothing that is read. */
export function foreignTokenizerIn(folder: Folder, vocabSize: number, where: string): FoundTokenizer {
  if (!folder.has("tokenizer.json")) return numbersFor(vocabSize, `${where}: has no tokenizer.json`);
  const json = jsonIn(folder, "tokenizer.json", where);
  const settings = () =>
    folder.has("tokenizer_config.json")
      ? (jsonIn(folder, "tokenizer_config.json", where) as object)
      : undefined;
  try {
    return tokenizerFrom({ json, settings }, vocabSize, `${where}: tokenizer.json`);
  } catch (error) {
    if (!isInputError(error)) throw error;
    return numbersFor(vocabSize, error.message, json);
  }
}
