/** The tensors of a Hugging Face folder on disk: one file, or several and an index of which holds what. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../../errors.ts";
import type { TheirTensors } from "../../../formats/huggingface/import-tensors.ts";
import {
  INDEX,
  missingShard,
  parseWeightMap,
  REMEDY,
  requireAgreement,
  SINGLE,
  type WeightMap,
} from "../../../formats/huggingface/weight-map.ts";
import type { TensorEntry } from "../../../formats/safetensors-header.ts";
import { errorCode } from "../../files/durable.ts";
import { readRegularText } from "../../files/regular.ts";
import { type OpenSafetensors, openSafetensors } from "../safetensors-file.ts";

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
  const index = join(folder, INDEX);
  const map = single ? undefined : parseWeightMap(readBounded(index), index);
  const files = new Map<string, OpenSafetensors>();
  const close = async () => {
    for (const file of files.values()) await file.close();
  };
  try {
    for (const file of new Set(map?.values() ?? [SINGLE]))
      files.set(file, await openShard(folder, file, map));
    if (map !== undefined) requireAgreement(index, map, files);
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
    async stream(take, memory) {
      const sums: Record<string, string> = {};
      for (const [name, file] of files) sums[name] = await file.stream(take, memory);
      return sums;
    },
  };
}

async function openShard(folder: string, file: string, map: WeightMap | undefined): Promise<OpenSafetensors> {
  const path = join(folder, file);
  if (map === undefined || existsSync(path)) return openSafetensors(path);
  throw missingShard(path, file, map);
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
