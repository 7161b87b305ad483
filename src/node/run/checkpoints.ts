/** Checkpoints on disk, for programs: `checkpoints.save` and `checkpoints.load` of `whereabouts/node`. */
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import type { Model } from "../../model/model.ts";
import { optimizers } from "../../train/optimizers.ts";
import { type Known, listed, type Preset } from "../../train/preset.ts";
import type { TrainState } from "../../train/step.ts";
import { type Checkpoint, checkpointFiles, loadCheckpoint, loadState as readState } from "./checkpoint.ts";
import { writeStep } from "./directory.ts";

export interface Savable {
  /** What the model is trained by; it is saved with it. */
  readonly preset: Preset;
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly state: TrainState;
}

/**
 * Saves a state of training as `step-000500/` of a folder, whole or not at all: model, tokenizer,
 * and all that training needs to go on.
 *
 * @returns the path of the step directory
 * @throws InputError where the step is there already, or the disk refuses
 * @example
 * const preset = parsePreset({ name: "tiny", model: { width: 8, heads: 2, position: { kind: "none" } } }, "tiny");
 * const data = await openData(preset.data, preset.seed);
 * const model = createModel(preset.model, data.tokenizer.vocabSize);
 * const state = initialState(model, preset.seed);
 * const path = await checkpoints.save(folder, { preset, model, tokenizer: data.tokenizer, state });
 * assert.ok(path.endsWith("step-000000"));
 * disposeState(state);
 */
export async function save(folder: string, { preset, model, tokenizer, state }: Savable): Promise<string> {
  return writeStep(folder, state.step, await checkpointFiles(preset, model, tokenizer, state));
}

export interface LoadOptions {
  /** Assignments under `model.position` that change no parameter, such as `model.position.beyond=clamp`. */
  readonly changes?: readonly string[];
  /** What the checkpoint may name: `known` of `loadOwn`. */
  readonly known?: Known;
}

/**
 * Loads the model of a run directory (its best step), a step directory or a Hugging Face model directory.
 *
 * @returns the model, its parameters, the caller's to dispose of, and its tokenizer
 * @throws InputError where a file is missing or damaged, or does not fit the model
 * @example
 * const { model, params, tokenizer } = await checkpoints.load(folder);
 * assert.equal(model.vocabSize, tokenizer.vocabSize);
 * disposeTree(params);
 */
export function load(path: string, { changes = [], known = listed }: LoadOptions = {}): Promise<Checkpoint> {
  return loadCheckpoint(path, changes, known);
}

/**
 * Loads what training goes on from: the `start` of `train`.
 *
 * @param path a step directory
 * @returns parameters and the optimizer's slots, the caller's or `train`'s to dispose of
 * @throws InputError where a file is missing or damaged, or does not fit the model
 * @example
 * const { model, params, preset } = await checkpoints.load(folder);
 * disposeTree(params);
 * const state = await checkpoints.loadState(join(folder, "step-000000"), model, preset?.train.optimizer);
 * assert.equal(state.step, 0);
 * disposeState(state);
 */
export function loadState(
  path: string,
  model: Model,
  optimizer: keyof typeof optimizers = "adamw",
): Promise<TrainState> {
  return readState(path, model, optimizers[optimizer].slots);
}
