/** A folder that Hugging Face's libraries wrote, from bytes. */
import { InputError, isInputError } from "../../errors.ts";
import { toParams } from "../../formats/fitting-tensors.ts";
import { importTensors, type TheirTensors } from "../../formats/huggingface/import-tensors.ts";
import { type StoredTensor, storedTensor } from "../../formats/safetensors.ts";
import {
  headerLength,
  PREFIX_BYTES,
  parseHeader,
  type TensorEntry,
} from "../../formats/safetensors-header.ts";
import {
  type FoundTokenizer,
  numbersFor,
  tokenizerFrom,
} from "../../formats/tokenizer-json/found-tokenizer.ts";
import { changedModel, listed } from "../../train/preset.ts";
import { type Folder, jsonIn, type OpenModel } from "./open-model.ts";

/**
 * Opens it.
 *
 * @param where names the folder in messages
 * @throws InputError for an architecture or a field that our model does not have, and for tensors
 *   that do not fit.
 */
export async function openForeignModel(folder: Folder, where: string): Promise<OpenModel> {
  const config = `${where}: config.json`;
  const tensors: Record<string, StoredTensor> = {};
  const { model, notes } = await importTensors({
    ...{ config: jsonIn(folder, "config.json", where), folder: where, where: config },
    tensors: tensorsIn(folder, where),
    parse: (fields) => changedModel(fields, [], listed, config),
    give: (name, parameter) => {
      tensors[name] = parameter;
    },
  });
  const found = tokenizerIn(folder, model.vocabSize, where);
  return { model, params: toParams(tensors), tokenizer: found.tokenizer, notes: [...notes, ...found.notes] };
}

function tokenizerIn(folder: Folder, vocabSize: number, where: string): FoundTokenizer {
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

/** Of every safetensors file of the folder: one, or shards. */
function tensorsIn(folder: Folder, where: string): TheirTensors {
  const places = new Map<string, { readonly entry: TensorEntry; readonly bytes: Uint8Array }>();
  for (const [name, file] of folder) {
    if (!name.endsWith(".safetensors")) continue;
    const length = headerLength(file.subarray(0, PREFIX_BYTES), file.length, `${where}: ${name}`);
    const start = PREFIX_BYTES + length;
    const data = file.subarray(start);
    const { entries } = parseHeader(file.subarray(PREFIX_BYTES, start), data.length, `${where}: ${name}`);
    for (const entry of entries)
      places.set(entry.name, { entry, bytes: data.subarray(entry.begin, entry.end) });
  }
  if (places.size === 0)
    throw new InputError(`${where}: model.safetensors is missing; give the whole folder`);
  const read = (name: string): StoredTensor => {
    const { entry, bytes } = places.get(name) as { entry: TensorEntry; bytes: Uint8Array };
    return storedTensor(entry, new Uint8Array(bytes), where);
  };
  return {
    headers: Object.fromEntries([...places].map(([name, { entry }]) => [name, entry])),
    read: async (name) => read(name),
    async stream(take) {
      for (const name of places.keys()) take(name, read(name));
      return {}; // no one asks a page for the hashes of its files
    },
  };
}
