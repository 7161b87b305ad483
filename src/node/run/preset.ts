/** Presets and other JSON in files. */
import { InputError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import { type Known, listed, type Preset, parsePreset } from "../../train/preset.ts";
import { readRegularText } from "../files/regular.ts";
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

/** @throws InputError where the file cannot be read, is no regular file of at most 100 MB, or is not JSON. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readRegularText(path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
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
