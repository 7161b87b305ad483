/**
 * A step directory: all that a model needs to be used, and all that training needs to go on.
 *
 *     config.json        the model; where Hugging Face has the architecture, its own fields, so that the folder is one of its models
 *     model.safetensors  parameters under GPT-2's names
 *     tokenizer.json
 *     state.safetensors  what the optimizer keeps, `SLOT.NAME`: of AdamW `first.NAME` and `second.NAME`
 *     state.json         updates done; data order and all random numbers follow from it and the seed
 *     SHA256SUMS         what the others' bytes are: parts of other steps, or damaged ones, are refused
 */
import { join } from "node:path";
import { readTokenizer } from "../../data/tokenizers/index.ts";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { InputError } from "../../errors.ts";
import { toParams } from "../../formats/fitting-tensors.ts";
import type { Origin } from "../../formats/huggingface/origin.ts";
import { type StoredTensor, safetensorsChunks } from "../../formats/safetensors.ts";
import { createModel, type Model } from "../../model/model.ts";
import { type ParamSpecs, type Params, prefixed } from "../../tensor/params.ts";
import type { tf } from "../../tensor/tf.ts";
import { isOurs, ownConfig } from "../../train/own-config.ts";
import { type Known, listed, type Preset } from "../../train/preset.ts";
import type { TrainState } from "../../train/step.ts";
import { type FileContent, indentedJson } from "../files/durable.ts";
import { readSums, uncheckedNote, verifySums } from "../files/sums.ts";
import { MODEL_FILES } from "./directory.ts";
import { huggingFaceFields, tokenizerFiles } from "./huggingface/files.ts";
import { requireStepOfRun, stepOf } from "./identity.ts";
import {
  inOrder,
  loadParameters,
  readParameters,
  requireFiniteTensors,
  stored,
  uploaded,
} from "./parameters.ts";
import { readJson } from "./preset.ts";
import { type ResolvedCheckpoint, resolveCheckpoint } from "./resolve.ts";
import { ourConfig, presetOf } from "./step-config.ts";

/** Files that are hashed as they are read, so that nothing is used that was not checked. */
const READ_FILES = ["config.json", "model.safetensors", "tokenizer.json"];

/** A checkpoint, ready to be probed. The parameters are the caller's to dispose of. */
export interface Checkpoint extends ResolvedCheckpoint {
  /** What it was trained by; undefined for a model that comes from elsewhere. */
  readonly preset?: Preset | undefined;
  readonly model: Model;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  /** What it was before it was imported; undefined for a model that comes from here. */
  readonly origin?: Origin | undefined;
  /** What a person should know of a model that comes from elsewhere, or from an earlier version. */
  readonly notes: readonly string[];
}

/** The files of a step directory. */
export async function checkpointFiles(
  preset: Preset,
  model: Model,
  tokenizer: Tokenizer,
  state: TrainState,
): Promise<Record<string, FileContent>> {
  const slots = Object.assign(
    {},
    ...Object.entries(state.slots).map(([slot, params]) => prefixed(`${slot}.`, params)),
  );
  return {
    ...modelFiles({ preset, model, tokenizer }, await stored(state.params)),
    "state.safetensors": safetensorsChunks(await stored(slots), {}),
    "state.json": indentedJson({ step: state.step }),
  };
}

/** The files of a model without a state of training. */
export function modelFiles(
  { preset, model, tokenizer, origin }: Pick<Checkpoint, "preset" | "model" | "tokenizer" | "origin">,
  tensors: Readonly<Record<string, StoredTensor>>,
): Record<string, FileContent> {
  const config = {
    ...huggingFaceFields({ model, tokenizer }, origin),
    whereabouts: { vocabSize: model.vocabSize, ...(preset ? { preset } : { model: model.config, origin }) },
  };
  return {
    "config.json": indentedJson(config),
    // "pt" is what Hugging Face asks of a file before it loads it.
    "model.safetensors": safetensorsChunks(tensors, { format: "pt" }),
    ...tokenizerFiles(tokenizer),
  };
}

/**
 * Loads the model of a run (its best step), of a step, or of a folder that Hugging Face's libraries wrote.
 *
 * @param changes assignments under `model.position` that change no parameter, such as
 *   `model.position.beyond=clamp`.
 * @param known what the checkpoint may name
 * @throws InputError where the checkpoint cannot be used: a file is missing or damaged, or names
 *   and shapes do not fit the model.
 */
export async function loadCheckpoint(
  given: string,
  changes: readonly string[] = [],
  known: Known = listed,
): Promise<Checkpoint> {
  const resolved = resolveCheckpoint(given);
  const { path } = resolved;
  const where = join(path, "config.json");
  requirePositionFields(changes);
  const found = readJson(where);
  if (!isOurs(found)) {
    const { importModel } = await import("./huggingface/import-model.ts"); // what trains needs none of it
    const { result, params, notes } = await uploaded(path, (give) => importModel(path, found, give, changes));
    const all = inOrder(params, result.model.specs);
    return { ...resolved, ...result, notes: [...result.notes, ...notes], params: all };
  }
  const sums = await verifySums(path, MODEL_FILES, READ_FILES);
  const config = sums === undefined ? found : ourConfig(where, sums);
  const { vocabSize, preset, origin, config: fields } = ownConfig(config, where, { changes, known });
  if (resolved.run !== undefined)
    requireStepOfRun(resolved.run, path, presetOf(config, where, known), { known, sums });
  const model = createModel(fields, vocabSize, known.encodings);
  const tokenizer = preset
    ? readTokenizer(readJson(join(path, "tokenizer.json"), sums?.get("tokenizer.json")))
    : (await import("./huggingface/tokenizer.ts")).readFound(path, vocabSize, sums).tokenizer; // what is to be known of it was said when it was imported
  if (tokenizer.vocabSize !== vocabSize) {
    throw new InputError(
      `${path}: tokenizer.json has ${tokenizer.vocabSize} tokens, the model ${vocabSize}; they belong to different models`,
    );
  }
  const weights = join(path, "model.safetensors");
  const { params, notes } = await loadParameters(weights, model.specs, sums?.get("model.safetensors"));
  const unchecked = sums === undefined ? [uncheckedNote(path)] : [];
  return { ...resolved, preset, origin, model, params, tokenizer, notes: [...unchecked, ...notes] };
}

/** Loads what training goes on from. @param slots what the optimizer keeps of each parameter */
export async function loadState(path: string, model: Model, slots: readonly string[]): Promise<TrainState> {
  const sums = readSums(path);
  const step = stepOf(path, sums);
  const load = async (file: string, specs: ParamSpecs) =>
    requireFiniteTensors(
      await readParameters(join(path, file), specs, sums?.get(file)),
      join(path, file),
      "training cannot go on from it, take an earlier step",
    );
  const stateSpecs = Object.assign({}, ...slots.map((slot) => prefixed(`${slot}.`, model.specs)));
  const params = toParams(await load("model.safetensors", model.specs));
  const kept = toParams(await load("state.safetensors", stateSpecs));
  const under = (slot: string): Params =>
    Object.fromEntries(
      Object.keys(model.specs).map((name) => [name, kept[`${slot}.${name}`] as tf.Tensor]), // as the specs above
    );
  return { step, params, slots: Object.fromEntries(slots.map((slot) => [slot, under(slot)])) };
}

function requirePositionFields(changes: readonly string[]): void {
  const other = changes.find((change) => !change.startsWith("model.position."));
  if (other === undefined) return;
  throw new InputError(
    `--set: "${other}" would make another model; only fields of model.position can change after training`,
  );
}
