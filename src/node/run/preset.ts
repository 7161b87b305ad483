/** Presets and other JSON in files. */
import { createHash } from "node:crypto";
import { InputError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import { type Known, listed, type Preset, parsePreset } from "../../train/preset.ts";
import { errorCode } from "../files/durable.ts";
import { readRegular, textOf } from "../files/regular.ts";
import { requireSum } from "../files/sums.ts";
import { isFile, presetMeant } from "./suggest.ts";

/**
 * Reads a preset file and changes fields of it.
 *
 * @param changes assignments such as `train.steps=500`
 * @throws InputError where the file cannot be read, is not JSON, or a field is wrong.
 * @example
 * const file = join(folder, "mine.json");
 * writeFileSync(file, JSON.stringify({ name: "mine", model: { position: { kind: "rope" } } }));
 * assert.equal(readPreset(file, ["train.steps=7"]).train.steps, 7);
 */
export function readPreset(path: string, changes: readonly string[] = [], known: Known = listed): Preset {
  return parsePreset(readPresetFile(path), path, changes, known);
}

function readPresetFile(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if (isFile(path) || !(error instanceof InputError)) throw error;
    throw new InputError(error.message + presetMeant(path), { cause: error });
  }
}

/**
 * @param sum SHA-256 that the bytes read have to have
 * @throws InputError where the file cannot be read, is no regular file of at most 100 MB, or is not
 *   JSON; DamagedError where its bytes are others
 */
export function readJson(path: string, sum?: string): unknown {
  let text: string;
  try {
    const bytes = readRegular(path);
    if (sum !== undefined) requireSum(path, sum, createHash("sha256").update(bytes).digest("hex"));
    text = textOf(bytes, path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    if (errorCode(cause) === "ENOENT") requireSum(path, sum, undefined);
    throw new InputError(
      `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code}); check the path`,
      { cause },
    );
  }
  try {
    return parseJson(text, path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${path}: is not JSON (${(cause as Error).message})`, { cause });
  }
}
