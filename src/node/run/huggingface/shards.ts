/**
 * The tensors of a Hugging Face folder: one `model.safetensors`, or several files and an index of
 * which holds what.
 *
 *     model.safetensors.index.json   {"metadata": {…}, "weight_map": {"wte.weight": "model-00001-of-00002.safetensors", …}}
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../../errors.ts";
import type { TheirTensors } from "../../../formats/huggingface/import-tensors.ts";
import type { TensorEntry } from "../../../formats/safetensors-header.ts";
import { parseStrictJson, quoted } from "../../../formats/strict-json.ts";
import { errorCode } from "../../files/durable.ts";
import { readRegularText } from "../../files/regular.ts";
import { type OpenSafetensors, openSafetensors } from "../safetensors-file.ts";

export const SINGLE = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

/** A file beside the index: no folders, no way out of this one. */
const SHARD = /^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/;
const REMEDY = "fetch the model again";

/** The tensors of a folder, of which the headers were read; whoever opened them closes them. */
export interface OpenTensors extends TheirTensors {
  close(): Promise<void>;
}

/**
 * Opens the tensors of a folder.
 *
 * @throws InputError where there are none, a file is damaged, or the index and the files do not agree.
 */
export async function openTensors(folder: string): Promise<OpenTensors> {
  const single = existsSync(join(folder, SINGLE));
  const map = single ? undefined : weightMap(join(folder, INDEX));
  const files = new Map<string, OpenSafetensors>();
  const close = async () => {
    for (const file of files.values()) await file.close();
  };
  try {
    for (const file of new Set(map?.values() ?? [SINGLE]))
      files.set(file, await openShard(folder, file, map));
    if (map !== undefined) requireAgreement(join(folder, INDEX), map, files);
    return { ...opened(files), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function opened(files: ReadonlyMap<string, OpenSafetensors>): Omit<OpenTensors, "close"> {
  const headers: Record<string, TensorEntry> = Object.create(null);
  const fileOf = new Map<string, OpenSafetensors>();
  for (const file of files.values()) {
    for (const entry of file.entries) {
      headers[entry.name] = entry;
      fileOf.set(entry.name, file);
    }
  }
  return {
    headers,
    read: (name) => (fileOf.get(name) as OpenSafetensors).read(headers[name] as TensorEntry),
    async stream(take) {
      const sums: Record<string, string> = {};
      for (const [name, file] of files) sums[name] = await file.stream(take);
      return sums;
    },
  };
}

type WeightMap = ReadonlyMap<string, string>;

async function openShard(folder: string, file: string, map: WeightMap | undefined): Promise<OpenSafetensors> {
  if (map === undefined || existsSync(join(folder, file))) return openSafetensors(join(folder, file));
  const held = [...map].filter(([, other]) => other === file).map(([name]) => name);
  const more = held.length > 1 ? ` and ${held.length - 1} more` : "";
  throw new InputError(
    `${join(folder, file)}: is missing, though the index says that it holds ${quoted(held[0] ?? "")}${more}; ${REMEDY}`,
  );
}

/** Every tensor is where the index says, and no file has one of which the index says nothing. */
function requireAgreement(where: string, map: WeightMap, files: ReadonlyMap<string, OpenSafetensors>): void {
  const held = new Map(
    [...files].map(([file, { entries }]) => [file, new Set(entries.map(({ name }) => name))]),
  );
  for (const [name, file] of map) {
    if (held.get(file)?.has(name)) continue;
    const other = [...held].find(([, names]) => names.has(name))?.[0];
    const instead = other === undefined ? "" : ` but in ${other}`;
    throw new InputError(`${where}: ${quoted(name)} is not in ${file}${instead}; ${REMEDY}`);
  }
  for (const [file, names] of held) {
    const extra = [...names].find((name) => map.get(name) !== file);
    if (extra === undefined) continue;
    const fault = map.has(extra)
      ? `has ${quoted(extra)} in ${map.get(extra)}, and it is in ${file} too`
      : `does not list ${quoted(extra)}, which is in ${file}`;
    throw new InputError(`${where}: ${fault}; ${REMEDY}`);
  }
}

function weightMap(where: string): WeightMap {
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
