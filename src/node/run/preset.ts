/** A preset: all that a run is asked. Unknown fields are refused; what is left out has one default, in the schema of its concept. */
import { z } from "zod";
import { parseAssigned } from "../../assignments.ts";
import { parseConfig } from "../../config.ts";
import { dataConfig, openTask } from "../../data/index.ts";
import type { EncodingDefinition } from "../../encodings/encoding.ts";
import { encodings } from "../../encodings/index.ts";
import { ENGINE_NAMES, MOST_THREADS } from "../../engine/engine.ts";
import { InputError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import { type ModelConfig, modelSchema } from "../../model/config.ts";
import { trainSchema } from "../../train/config.ts";
import { readRegularText } from "../files/regular.ts";
import { isFile, presetMeant } from "./suggest.ts";

/** Of parameters, data order and all other random numbers. */
export const seedSchema = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** @param known the encodings that a preset may name */
export function presetSchema(known: readonly EncodingDefinition[] = encodings) {
  return z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-' only"),
    seed: seedSchema.default(1),
    model: modelSchema(known),
    data: dataConfig.prefault({ kind: "who" }),
    train: trainSchema.prefault({}),
    engine: z.enum(["auto", ...ENGINE_NAMES]).default("auto"),
    threads: z.int().positive().max(MOST_THREADS).optional(),
  });
}

export type Preset = z.output<ReturnType<typeof presetSchema>>;

/**
 * Reads a preset file and changes fields of it.
 *
 * @param changes assignments such as `train.steps=500`
 * @throws InputError where the file cannot be read, is not JSON, or a field is wrong.
 */
export function readPreset(
  path: string,
  changes: readonly string[] = [],
  known: readonly EncodingDefinition[] = encodings,
): Preset {
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

/** As `readPreset`, of a value that `where` names in messages. */
export function parsePreset(
  value: unknown,
  where: string,
  changes: readonly string[] = [],
  known: readonly EncodingDefinition[] = encodings,
): Preset {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`${where}: is not a JSON object; a preset starts {"name": …, "model": …}`);
  }
  const schema = presetSchema(known);
  return parseAssigned(value, changes, where, {
    schema,
    parse: (changed, source) => checked(parseConfig(schema, changed, source), source),
  });
}

/** @throws InputError where the parts of a preset, each right, do not go together. */
function checked(preset: Preset, where: string): Preset {
  if (preset.train.objective === "causal" && preset.model.attention === "bidirectional") {
    throw new InputError(
      `${where}: model.attention: "bidirectional" sees the next token that train.objective "causal" asks for; set train.objective=masked`,
    );
  }
  if (preset.data.kind === "task" && preset.train.objective === "masked") {
    throw new InputError(
      `${where}: train.objective: "masked" hides words anywhere, and a task is about its answer; set train.objective=causal`,
    );
  }
  if (preset.data.kind === "task") openTask(preset.data, preset.seed).problems.longest(preset.model.context); // throws where none fits
  return preset;
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

/** The fields of a model that no preset has trained, with assignments such as `model.position.beyond=clamp`. */
export function changedModel(
  model: object,
  changes: readonly string[],
  known: readonly EncodingDefinition[],
  where: string,
): ModelConfig {
  const schema = z.object({ model: modelSchema(known) });
  const parse = (changed: object, source: string) => parseConfig(schema, changed, source);
  return parseAssigned({ model }, changes, where, { schema, parse }).model;
}
