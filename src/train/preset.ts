/**
 * A preset: all that a run is asked. Unknown fields are refused; what is left out has one default,
 * in the schema of its concept.
 */
import { z } from "zod";
import { parseAssigned } from "../assignments.ts";
import { parseConfig } from "../config.ts";
import { dataSchema, openTask } from "../data/index.ts";
import { tasks } from "../data/tasks/index.ts";
import type { Task } from "../data/tasks/task.ts";
import { corpora } from "../data/text.ts";
import type { EncodingDefinition } from "../encodings/encoding.ts";
import { encodings } from "../encodings/index.ts";
import { ENGINE_NAMES, MOST_THREADS } from "../engine/engine.ts";
import { InputError } from "../errors.ts";
import { type ModelConfig, modelSchema } from "../model/config.ts";
import { trainSchema } from "./config.ts";

/** What a preset may name. */
export interface Known {
  readonly encodings: readonly EncodingDefinition[];
  readonly tasks: readonly Task[];
  /** Names of texts. */
  readonly corpora: readonly string[];
}

/**
 * What comes with whereabouts.
 *
 * @example
 * assert.ok(listed.tasks.some(({ name }) => name === "copy"));
 */
export const listed: Known = { encodings, tasks, corpora };

/** Of parameters, data order and all other random numbers. */
export const seedSchema = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/**
 * The fields of a preset.
 *
 * @param known what it may name
 * @example
 * const preset = presetSchema().parse({ name: "mine", model: { position: { kind: "rope" } } });
 * assert.equal(preset.data.kind, "who");
 */
export function presetSchema(known: Known = listed): PresetSchema {
  const made = schemas.get(known) ?? schemaOf(known);
  schemas.set(known, made);
  return made;
}

type PresetSchema = ReturnType<typeof schemaOf>;

/** Making one takes longer than all that it checks. */
const schemas = new WeakMap<Known, PresetSchema>();

function schemaOf(known: Known) {
  return z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-' only"),
    seed: seedSchema.default(1),
    model: modelSchema(known.encodings),
    data: dataSchema(known).prefault({ kind: "who" }),
    train: trainSchema.prefault({}),
    engine: z.enum(["auto", ...ENGINE_NAMES]).default("auto"),
    threads: z.int().positive().max(MOST_THREADS).optional(),
  });
}

/**
 * A preset, with every default filled in.
 *
 * @useDeclaredType
 */
export type Preset = z.output<PresetSchema>;

/**
 * A preset of a value that may be anything, with every default filled in.
 *
 * @param where names the value in messages
 * @param changes assignments such as `train.steps=500`
 * @param known what the preset may name
 * @throws InputError where a field is wrong, or fields do not go together.
 * @example
 * const preset = parsePreset({ name: "mine", model: { position: { kind: "rope" } } }, "mine.json", ["train.steps=7"]);
 * assert.equal(preset.train.steps, 7);
 */
export function parsePreset(
  value: unknown,
  where: string,
  changes: readonly string[] = [],
  known: Known = listed,
): Preset {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`${where}: is not a JSON object; a preset starts {"name": …, "model": …}`);
  }
  const schema = presetSchema(known);
  return parseAssigned(value, changes, where, {
    schema,
    parse: (changed, source) => checked(parseConfig(schema, changed, source), source, known),
  });
}

/** @throws InputError where the parts of a preset, each right, do not go together. */
function checked(preset: Preset, where: string, known: Known): Preset {
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
  if (preset.data.kind === "task")
    openTask(preset.data, preset.seed, known.tasks).problems.longest(preset.model.context); // throws where none fits
  return preset;
}

/**
 * The fields of a model that no preset has trained, with assignments such as
 * `model.position.beyond=clamp`.
 */
export function changedModel(
  model: object,
  changes: readonly string[],
  known: Known,
  where: string,
): ModelConfig {
  const schema = z.object({ model: modelSchema(known.encodings) });
  const parse = (changed: object, source: string) => parseConfig(schema, changed, source);
  return parseAssigned({ model }, changes, where, { schema, parse }).model;
}
