/** The config.json of a model of whereabouts: a preset that trained it, or the fields of an imported model. */
import { z } from "zod";
import { parseAssigned } from "../assignments.ts";
import { parseConfig } from "../config.ts";
import { type Origin, originSchema } from "../formats/huggingface/origin.ts";
import type { ModelConfig } from "../model/config.ts";
import { changedModel, type Known, type Preset, presetSchema } from "./preset.ts";

/** A config.json that has a part of ours; nothing in that part is trusted. */
export interface OwnConfig {
  readonly whereabouts: { readonly preset?: unknown; readonly model?: unknown };
}

/** Whether a config.json is one of ours. */
export const isOurs = (config: unknown): config is OwnConfig =>
  typeof config === "object" && config !== null && "whereabouts" in config;

/** How a config.json is read. */
export interface OwnReading {
  /** Assignments such as `model.position.beyond=clamp`. */
  readonly changes: readonly string[];
  /** What the model may name. */
  readonly known: Known;
}

/** The model of a config.json, and the preset that trained it; none of an imported model. */
export interface OwnModel {
  readonly vocabSize: number;
  readonly config: ModelConfig;
  readonly preset?: Preset;
  /** What it was before it was imported. */
  readonly origin?: Origin | undefined;
}

const sizeSchema = z.object({ vocabSize: z.int().positive() });
const trainedSchema = z.object({ preset: z.looseObject({}) });
const importedSchema = z.object({ model: z.looseObject({}), origin: originSchema.optional() });

/**
 * Reads the part of ours.
 *
 * @param where names the file in messages
 * @throws InputError where a field is missing or wrong
 */
export function ownConfig(config: OwnConfig, where: string, { changes, known }: OwnReading): OwnModel {
  const { whereabouts: own } = config;
  const here = `${where}: whereabouts`;
  const { vocabSize } = parseConfig(sizeSchema, own, here);
  if (own.model !== undefined) {
    const { model, origin } = parseConfig(importedSchema, own, here);
    return { vocabSize, origin, config: changedModel(model, changes, known, here) };
  }
  const { preset } = parseConfig(trainedSchema, own, here);
  const schema = presetSchema(known);
  const parse = (changed: object, source: string) => parseConfig(schema, changed, source);
  const trained = parseAssigned(preset, changes, `${here}.preset`, { schema, parse });
  return { vocabSize, config: trained.model, preset: trained };
}
