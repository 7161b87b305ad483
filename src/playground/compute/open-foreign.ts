/** A folder that Hugging Face's libraries wrote, from bytes. */
import { InputError } from "../../errors.ts";
import { toParams } from "../../formats/fitting-tensors.ts";
import { importTensors, type TheirTensors } from "../../formats/huggingface/import-tensors.ts";
import {
  INDEX,
  missingShard,
  parseWeightMap,
  requireAgreement,
  SINGLE,
  type WeightMap,
} from "../../formats/huggingface/weight-map.ts";
import { type StoredTensor, storedTensor } from "../../formats/safetensors.ts";
import {
  headerLength,
  PREFIX_BYTES,
  parseHeader,
  type TensorEntry,
} from "../../formats/safetensors-header.ts";
import { changedModel, listed } from "../../train/preset.ts";
import { type Folder, fileIn, jsonIn } from "./folder.ts";
import { foreignTokenizerIn } from "./foreign-tokenizer.ts";
import type { OpenModel } from "./open-model.ts";

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
  const { model, origin, notes } = await importTensors({
    ...{ config: jsonIn(folder, "config.json", where), folder: where, where: config },
    tensors: tensorsIn(folder, where),
    parse: (fields) => changedModel(fields, [], listed, config),
    give: (name, parameter) => {
      tensors[name] = parameter;
    },
  });
  const found = foreignTokenizerIn(folder, model.vocabSize, where);
  const { title: architecture } = origin;
  const all = [...notes, ...found.notes];
  return { model, params: toParams(tensors), tokenizer: found.tokenizer, architecture, notes: all };
}

/** Of model.safetensors, or of the files that an index names. */
function tensorsIn(folder: Folder, where: string): TheirTensors {
  const map = mapIn(folder, where);
  const files = new Map([...new Set(map?.values() ?? [SINGLE])].map((name) => [name, opened(name)]));
  function opened(name: string): OpenFile {
    if (map !== undefined && !folder.has(name)) throw missingShard(`${where}: ${name}`, name, map);
    const file = fileIn(folder, name, where);
    const length = headerLength(file.subarray(0, PREFIX_BYTES), file.length, `${where}: ${name}`);
    const start = PREFIX_BYTES + length;
    const data = file.subarray(start);
    return { data, ...parseHeader(file.subarray(PREFIX_BYTES, start), data.length, `${where}: ${name}`) };
  }
  if (map !== undefined) requireAgreement(`${where}: ${INDEX}`, map, files);
  return ofFiles([...files.values()], where);
}

interface OpenFile {
  readonly entries: readonly TensorEntry[];
  readonly data: Uint8Array;
}

function ofFiles(files: readonly OpenFile[], where: string): TheirTensors {
  const headers: Record<string, TensorEntry> = Object.create(null); // so that any name is safe
  const places = new Map<string, Uint8Array>();
  for (const { entries, data } of files)
    for (const entry of entries) {
      headers[entry.name] = entry;
      places.set(entry.name, data.subarray(entry.begin, entry.end));
    }
  const read = (name: string): StoredTensor =>
    storedTensor(headers[name] as TensorEntry, new Uint8Array(places.get(name) as Uint8Array), where);
  return {
    headers,
    read: async (name) => read(name),
    async stream(take) {
      for (const name of places.keys()) take(name, read(name));
      return {}; // no one asks a page for the hashes of its files
    },
  };
}

/** The index, where the model is in several files. */
function mapIn(folder: Folder, where: string): WeightMap | undefined {
  if (folder.has(SINGLE)) return undefined;
  if (folder.has(INDEX))
    return parseWeightMap(new TextDecoder().decode(fileIn(folder, INDEX, where)), `${where}: ${INDEX}`);
  throw new InputError(`${where}: ${SINGLE} is missing; give the whole folder`);
}
