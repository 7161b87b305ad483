/** What a step says of its model: the preset that trained it, and the tokenizer. */
import { join } from "node:path";
import { z } from "zod";
import { parseAssigned } from "../../assignments.ts";
import { parseConfig } from "../../config.ts";
import { readTokenizer, type Tokenizer } from "../../data/tokenizers/index.ts";
import { InputError } from "../../errors.ts";
import type { ModelConfig } from "../../model/config.ts";
import { changedModel, type Known, listed, type Preset, presetSchema } from "../../train/preset.ts";
import { readSums, type Sums } from "../files/sums.ts";
import { type Origin, originSchema } from "./huggingface/origin.ts";
import { readJson } from "./preset.ts";

/**
 * The preset that a step was trained by.
 *
 * @throws InputError where its config.json cannot be read or is not ours.
 */
export function loadedPreset(path: string, known: Known = listed): Preset {
  const where = join(path, "config.json");
  return presetOf(ourConfig(where), where, known);
}

/** @throws InputError where a step's config.json cannot be read or is not ours. */
export function ourConfig(where: string, sums?: Sums): OwnConfig {
  const config = readJson(where, sums?.get("config.json"));
  if (isOurs(config)) return config;
  throw new InputError(`${where}: is not a model of whereabouts; it cannot be trained on`);
}

/** @throws InputError where no preset has trained it */
export function presetOf(config: OwnConfig, where: string, known: Known): Preset {
  const { preset } = ownConfig(config, where, { changes: [], known });
  if (preset === undefined)
    throw new InputError(
      `${where}: is an imported model, which no preset has trained; it cannot be trained on`,
    );
  return preset;
}

export interface OwnConfig {
  readonly whereabouts: { readonly preset?: unknown; readonly model?: unknown };
}

export const isOurs = (config: unknown): config is OwnConfig =>
  typeof config === "object" && config !== null && "whereabouts" in config;

interface Reading {
  readonly changes: readonly string[];
  readonly known: Known;
}

const importedSchema = z.object({ model: z.looseObject({}), origin: originSchema.optional() });

export function ownConfig(
  config: OwnConfig,
  where: string,
  { changes, known }: Reading,
): { vocabSize: number; config: ModelConfig; preset?: Preset; origin?: Origin | undefined } {
  const { whereabouts: own } = config;
  const here = `${where}: whereabouts`;
  const { vocabSize } = parseConfig(z.object({ vocabSize: z.int().positive() }), own, here);
  if (own.model !== undefined) {
    const { model, origin } = parseConfig(importedSchema, own, here);
    return { vocabSize, origin, config: changedModel(model, changes, known, here) };
  }
  const { preset } = parseConfig(z.object({ preset: z.looseObject({}) }), own, here);
  const schema = presetSchema(known);
  const parse = (changed: object, source: string) => parseConfig(schema, changed, source);
  const trained = parseAssigned(preset, changes, `${here}.preset`, { schema, parse });
  return { vocabSize, config: trained.model, preset: trained };
}

/** The tokenizer of a step that training goes on from. */
export function stepTokenizer(path: string): Tokenizer {
  return readTokenizer(readJson(join(path, "tokenizer.json"), readSums(path)?.get("tokenizer.json")));
}
