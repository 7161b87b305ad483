/**
 * A step directory: all that a model needs to be used, and all that training needs to go on.
 *
 *     config.json        the model; where Hugging Face has the architecture, its own fields, so that the folder is one of its models
 *     model.safetensors  parameters under GPT-2's names
 *     tokenizer.json
 *     state.safetensors  moments of AdamW, `first.NAME` and `second.NAME`
 *     state.json         updates done; data order and all random numbers follow from it and the seed
 */
import { join } from "node:path";
import { z } from "zod";
import { parseConfig, setPath } from "../config.ts";
import { readTokenizer } from "../data/tokenizers/index.ts";
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts";
import { InputError } from "../errors.ts";
import { createModel, type Model } from "../model/config.ts";
import type { ParamSpecs, Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { TrainState } from "../train/step.ts";
import type { FileContent } from "./durable.ts";
import { huggingFaceFields, importModel } from "./huggingface/index.ts";
import { type Preset, presetSchema, readJson } from "./preset.ts";
import { type ResolvedCheckpoint, resolveCheckpoint } from "./resolve.ts";
import { type StoredTensor, safetensorsChunks } from "./safetensors.ts";
import { readSafetensors } from "./safetensors-file.ts";

/** A checkpoint, ready to be probed. The parameters are the caller's to dispose of. */
export interface Checkpoint extends ResolvedCheckpoint {
  readonly preset: Preset;
  readonly model: Model;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  /** What a person should know of a model that comes from elsewhere. */
  readonly notes: readonly string[];
}

/** The files of a step directory. */
export async function checkpointFiles(
  preset: Preset,
  model: Model,
  tokenizer: Tokenizer,
  state: TrainState,
): Promise<Record<string, FileContent>> {
  const moments = {
    ...prefixed("first.", state.moments.first),
    ...prefixed("second.", state.moments.second),
  };
  return {
    ...modelFiles({ preset, model, tokenizer }, await stored(state.params)),
    "state.safetensors": safetensorsChunks(await stored(moments), {}),
    "state.json": json({ step: state.step }),
  };
}

/** The files of a model without a state of training. */
export function modelFiles(
  { preset, model, tokenizer }: Pick<Checkpoint, "preset" | "model" | "tokenizer">,
  tensors: Readonly<Record<string, StoredTensor>>,
): Record<string, FileContent> {
  const config = {
    ...huggingFaceFields(model, tokenizer),
    whereabouts: { vocabSize: model.vocabSize, preset },
  };
  return {
    "config.json": json(config),
    // "pt" is what Hugging Face asks of a file before it loads it.
    "model.safetensors": safetensorsChunks(tensors, { format: "pt" }),
    "tokenizer.json": json(tokenizer.toJSON()),
  };
}

/**
 * Loads the model of a run (its best step), of a step, or of a folder that Hugging Face's libraries wrote.
 *
 * @param changes assignments under `model.position` that change no parameter, such as `model.position.beyond=clamp`.
 * @throws InputError where the checkpoint cannot be used: a file is missing or damaged, or names and shapes do not fit the model.
 */
export async function loadCheckpoint(given: string, changes: readonly string[] = []): Promise<Checkpoint> {
  const resolved = resolveCheckpoint(given);
  const { path } = resolved;
  const where = join(path, "config.json");
  requirePositionFields(changes);
  const config = readJson(where);
  if (!isOurs(config)) {
    const { tensors, ...imported } = await importModel(path, config, changes);
    return { ...resolved, ...imported, params: toParams(tensors) };
  }
  const { vocabSize, preset } = ownConfig(config, where, changes);
  const model = createModel(preset.model, vocabSize);
  const tokenizer = readTokenizer(readJson(join(path, "tokenizer.json")));
  if (tokenizer.vocabSize !== vocabSize) {
    throw new InputError(
      `${path}: tokenizer.json has ${tokenizer.vocabSize} tokens, the model ${vocabSize}; they belong to different models`,
    );
  }
  const params = await loadTensors(join(path, "model.safetensors"), model.specs);
  return { ...resolved, preset, model, params, tokenizer, notes: [] };
}

/** Loads what training goes on from. */
export async function loadState(path: string, model: Model): Promise<TrainState> {
  const { step } = parseConfig(
    z.object({ step: z.int().min(0) }),
    readJson(join(path, "state.json")),
    join(path, "state.json"),
  );
  const params = await loadTensors(join(path, "model.safetensors"), model.specs);
  const moments = await loadTensors(join(path, "state.safetensors"), {
    ...prefixed("first.", model.specs),
    ...prefixed("second.", model.specs),
  });
  const under = (prefix: string): Params =>
    Object.fromEntries(Object.keys(model.specs).map((name) => [name, moments[prefix + name] as tf.Tensor]));
  return { step, params, moments: { first: under("first."), second: under("second.") } };
}

function requirePositionFields(changes: readonly string[]): void {
  const other = changes.find((change) => !change.startsWith("model.position."));
  if (other === undefined) return;
  throw new InputError(
    `--set: "${other}" would make another model; only fields of model.position can change after training`,
  );
}

interface OwnConfig {
  readonly whereabouts: { readonly preset?: unknown };
}

const isOurs = (config: unknown): config is OwnConfig =>
  typeof config === "object" && config !== null && "whereabouts" in config;

function ownConfig(
  config: OwnConfig,
  where: string,
  changes: readonly string[],
): { vocabSize: number; preset: Preset } {
  for (const change of changes) {
    setPath((config.whereabouts?.preset ?? {}) as Record<string, unknown>, change);
  }
  const schema = z.object({ vocabSize: z.int().positive(), preset: presetSchema });
  return parseConfig(schema, config.whereabouts, `${where}: whereabouts`);
}

/**
 * Reads the tensors that a model asks for: no more, no fewer, of its shapes.
 *
 * @throws InputError that lists missing, unexpected and misshapen names.
 */
async function loadTensors(path: string, specs: ParamSpecs): Promise<Params> {
  const { tensors } = await readSafetensors(path);
  const expected = Object.keys(specs);
  const missing = expected.filter((name) => !(name in tensors));
  const unexpected = Object.keys(tensors).filter((name) => !Object.hasOwn(specs, name));
  const misshapen = expected
    .filter(
      (name) =>
        name in tensors && !sameShape((tensors[name] as StoredTensor).shape, specs[name]?.shape ?? []),
    )
    .map((name) => `${name} is (${tensors[name]?.shape}), expected (${specs[name]?.shape})`);
  const faults = [
    missing.length > 0 ? `missing: ${missing.join(", ")}` : "",
    unexpected.length > 0 ? `unexpected: ${unexpected.join(", ")}` : "",
    misshapen.length > 0 ? `shapes: ${misshapen.join("; ")}` : "",
  ].filter((fault) => fault !== "");
  if (faults.length > 0) throw new InputError(`${path}: does not fit config.json; ${faults.join("; ")}`);
  return toParams(Object.fromEntries(expected.map((name) => [name, tensors[name] as StoredTensor])));
}

/** Integers become float32, in which parameters are computed; what is float32 is not copied. */
function toParams(tensors: Readonly<Record<string, StoredTensor>>): Params {
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const values = data instanceof Float32Array ? data : Float32Array.from(data);
    return [name, tf.tensor(values, [...shape], "float32")] as const;
  });
  return Object.fromEntries(entries);
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i]);

const prefixed = <T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Values of parameters, to be written. */
export async function stored(params: Params): Promise<Record<string, StoredTensor>> {
  const entries = Object.entries(params).map(async ([name, tensor]) => {
    const data = (await tensor.data()) as Float32Array;
    return [name, { shape: tensor.shape, dtype: "F32", data }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
