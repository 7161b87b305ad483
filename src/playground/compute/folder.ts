/** The files of a model's folder, as bytes: what is missing, empty, no JSON, or not what was saved. */
import { InputError, isInputError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import { DamagedError, parseSums, requireSum, SUMS_FILE } from "../../sums.ts";

/** The files of a folder, by name. */
export type Folder = ReadonlyMap<string, Uint8Array>;

/** @throws InputError where it is not there, or empty */
export function fileIn(folder: Folder, name: string, where: string): Uint8Array {
  const bytes = folder.get(name);
  if (bytes === undefined) throw new InputError(`${where}: ${name} is missing; give the whole folder`);
  if (bytes.length === 0) throw new InputError(`${where}: ${name} has 0 bytes; copy the file again`);
  return bytes;
}

/** @throws InputError where it is not there, or no JSON */
export function jsonIn(folder: Folder, name: string, where: string): unknown {
  const text = new TextDecoder().decode(fileIn(folder, name, where));
  try {
    return parseJson(text, `${where}: ${name}`);
  } catch (cause) {
    if (isInputError(cause)) throw cause;
    throw new InputError(`${where}: ${name} is no JSON; take the file from the model again`, { cause });
  }
}

/** Files without which a folder that names hashes has none of a model. */
const LISTED = ["config.json", "model.safetensors"];

/**
 * Checks what is there of the files that SHA256SUMS names; a folder of an earlier version has none.
 *
 * @param remedy what a person does about a damaged file
 * @returns what could not be checked, for people
 * @throws DamagedError that names the first file that is another
 */
export async function checkSums(folder: Folder, where: string, remedy?: string): Promise<string[]> {
  const list = folder.get(SUMS_FILE);
  if (list === undefined) return [];
  const sums = parseSums(new TextDecoder().decode(list), `${where}: ${SUMS_FILE}`);
  const unlisted = LISTED.find((file) => !sums.has(file));
  if (unlisted !== undefined) throw new DamagedError(`${where}: ${SUMS_FILE}`, `lacks ${unlisted}`, remedy);
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  if (subtle === undefined)
    return [`${SUMS_FILE} was not checked: a browser hashes over https and on localhost alone.`];
  for (const [name, bytes] of folder) {
    const hash = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)); // none is shared
    const found = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    requireSum(`${where}: ${name}`, sums.get(name), found, remedy);
  }
  return [];
}
