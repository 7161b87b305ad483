/**
 * The index of a model in several files: which of them holds what.
 *
 *     model.safetensors.index.json
 *     {"metadata": {…}, "weight_map": {"wte.weight": "model-00001-of-00002.safetensors", …}}
 */
import { InputError } from "../../errors.ts";
import type { Header } from "../safetensors-header.ts";
import { parseStrictJson, quoted } from "../strict-json.ts";

export const SINGLE = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

/** A file beside the index: no folders, no way out of this one. */
const SHARD = /^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/;
export const REMEDY = "fetch the model again";

/** File by name of a tensor. */
export type WeightMap = ReadonlyMap<string, string>;

/**
 * The map of an index.
 *
 * @throws InputError where it has none, or names what is no file beside it
 */
export function parseWeightMap(text: string, where: string): WeightMap {
  const index = parseStrictJson(text, where);
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

/** @param path of a file that the index names, and that is not there */
export function missingShard(path: string, file: string, map: WeightMap): InputError {
  const held = [...map].filter(([, other]) => other === file).map(([name]) => name);
  const more = held.length > 1 ? ` and ${held.length - 1} more` : "";
  return new InputError(
    `${path}: is missing, though the index says that it holds ${quoted(held[0] ?? "")}${more}; ${REMEDY}`,
  );
}

/**
 * Every tensor is where the index says, and no file has one of which the index says nothing.
 *
 * @param where names the index in messages
 * @param files by name, what the header of each lists
 * @throws InputError that names the first that is not
 */
export function requireAgreement(
  where: string,
  map: WeightMap,
  files: ReadonlyMap<string, Pick<Header, "entries">>,
): void {
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
