/** CHECKPOINT on a command line: a run directory, a step directory or a Hugging Face model directory. */
import { existsSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "../../errors.ts";
import { errorCode } from "../files/durable.ts";
import { bestStep, listSteps, stepNumber } from "./directory.ts";
import { runMeant } from "./suggest.ts";

/** Where a model is. */
export interface ResolvedCheckpoint {
  /** Folder with config.json and model.safetensors. */
  readonly path: string;
  /** What was given. A run stands for its best step. */
  readonly kind: "run" | "step" | "huggingface";
  /** Steps trained, where the name of the folder tells. */
  readonly step?: number;
  /** The run directory around the step, when it has a run.json. */
  readonly run?: string;
}

/**
 * Finds the model that a path stands for.
 *
 * @throws InputError when nothing is there, it is not a folder, it has no complete step yet, or no
 *   model that can be read
 */
export function resolveCheckpoint(given: string): ResolvedCheckpoint {
  const path = resolve(given);
  requireFolder(path, given);
  if (existsSync(join(path, "run.json")) || listSteps(path).length > 0) {
    const best = bestStep(path);
    if (best !== undefined) return { ...best, kind: "run", run: path };
    throw new InputError(
      `${given}: no complete step yet; train on, the first is saved after train.saveEvery steps`,
    );
  }
  requireModel(path, given);
  return resolveModel(path);
}

/**
 * Whether a folder itself has a model that can be read.
 *
 * @param given the folder, for messages
 * @throws InputError that says what is there instead
 */
export function requireModel(path: string, given = path): void {
  requireFolder(path, given);
  const has = (file: string) => existsSync(join(path, file));
  if (!has("config.json") || !["model.safetensors", "model.safetensors.index.json"].some(has))
    throw new InputError(`${given}: ${whatIsMissing(has)}`);
}

function requireFolder(path: string, given: string): void {
  if (status(path, given).isDirectory()) return;
  throw new InputError(`${given}: is a file; give the folder of a run, a step or a Hugging Face model`);
}

function resolveModel(path: string): ResolvedCheckpoint {
  const step = stepNumber(basename(path));
  if (step === undefined)
    return { path, kind: existsSync(join(path, "state.json")) ? "step" : "huggingface" };
  const run = dirname(path);
  return { path, kind: "step", step, ...(existsSync(join(run, "run.json")) && { run }) };
}

function status(path: string, given: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    const code = errorCode(cause);
    const problem = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new InputError(`${given}: ${problem}; check the path, or train a model first${runMeant(given)}`, {
      cause,
    });
  }
}

const PICKLES = ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5"];

function whatIsMissing(has: (file: string) => boolean): string {
  if (has("ckpt.pt"))
    return "the weights are not in safetensors; convert them in Python (src/formats/README.md says how): a pickle is never read";
  if (PICKLES.some(has))
    return "the weights are not in safetensors, and a pickle is never read; load the model with transformers in Python, and save_pretrained it";
  if (has("adapter_config.json"))
    return "is an adapter without its model; join them in Python (merge_and_unload), and save what comes out";
  if (has("config.json")) return "model.safetensors is missing; fetch the model again";
  if (has("model.safetensors")) return "config.json is missing; fetch the model again";
  if (has("run.json")) return "is a run, which needs no import; give a Hugging Face model";
  return "neither run.json nor config.json is there; give the folder of a run, a step or a Hugging Face model";
}
