/**
 * The tensors of a Hugging Face folder: one `model.safetensors`, or several files and an index of
 * which holds what.
 *
 *     model.safetensors.index.json   {"metadata": {…}, "weight_map": {"wte.weight": "model-00001-of-00002.safetensors", …}}
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../../errors.ts";
import type { StoredTensor } from "../../../formats/safetensors.ts";
import { parseStrictJson, quoted } from "../../../formats/strict-json.ts";
import { errorCode } from "../../files/durable.ts";
import { readRegularText } from "../../files/regular.ts";
import { readSafetensors } from "../safetensors-file.ts";

export const SINGLE = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

/** A file beside the index: no folders, no way out of this one. */
const SHARD = /^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/;
const REMEDY = "fetch the model again";

/**
 * Reads the tensors of a folder.
 *
 * @throws InputError where there are none, a file is damaged, or the index and the files do not agree.
 */
export async function readTensors(folder: string): Promise<Record<string, StoredTensor>> {
  if (existsSync(join(folder, SINGLE))) return (await readSafetensors(join(folder, SINGLE))).tensors;
  const where = join(folder, INDEX);
  const files = new Map<string, Set<string>>();
  for (const [name, file] of weightMap(where)) {
    files.set(file, (files.get(file) ?? new Set()).add(name));
  }
  const all: Record<string, StoredTensor> = Object.create(null);
  for (const [file, names] of files) {
    const { tensors } = await readSafetensors(join(folder, file));
    const missing = [...names].find((name) => !(name in tensors));
    if (missing !== undefined) {
      throw new InputError(`${where}: ${quoted(missing)} is not in ${file}; ${REMEDY}`);
    }
    const extra = Object.keys(tensors).find((name) => !names.has(name));
    if (extra !== undefined) {
      throw new InputError(`${where}: does not list ${quoted(extra)}, which is in ${file}; ${REMEDY}`);
    }
    for (const [name, tensor] of Object.entries(tensors)) all[name] = tensor;
  }
  return all;
}

function weightMap(where: string): ReadonlyMap<string, string> {
  const index = parseStrictJson(readBounded(where), where);
  const map = index instanceof Map ? index.get("weight_map") : undefined;
  if (!(map instanceof Map)) throw new InputError(`${where}: has no weight_map; ${REMEDY}`);
  const files = new Map<string, string>();
  for (const [name, file] of map) {
    if (typeof file !== "string" || !SHARD.test(file)) {
      const shown = typeof file === "string" ? quoted(file) : typeof file;
      throw new InputError(`${where}: ${quoted(name)} is in ${shown}, which is no file beside it; ${REMEDY}`);
    }
    files.set(name, file);
  }
  return files;
}

function readBounded(path: string): string {
  try {
    return readRegularText(path); // the longest header of a safetensors file, which names as many tensors, is as long
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const problem = errorCode(cause) === "ENOENT" ? "is missing" : `cannot be read (${errorCode(cause)})`;
    throw new InputError(`${path}: ${problem}; ${REMEDY}`, { cause });
  }
}
