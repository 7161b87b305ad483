/**
 * The folder of one training run.
 *
 *   checkpoints/rope-shakespeare-s1-3f9c2a/   preset, data, seed, hash of the resolved config
 *     run.json         what was asked, by which versions, and how it ended
 *     log.jsonl        what was measured
 *     lock-….json      who writes here now
 *     step-000500/     config.json  model.safetensors  tokenizer.json  state.safetensors  state.json  SHA256SUMS
 *
 * The same config gives the same folder, on every machine.
 */
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { bestOf, stepName, stepNumber } from "../../train/saved-steps.ts";
import { errorCode, type FileContent, writeDirectory } from "../files/durable.ts";
import { removeLeftovers } from "../files/staging.ts";
import { readLog, syncLog } from "./log.ts";

export { stepName, stepNumber } from "../../train/saved-steps.ts";

/** A complete step directory. */
export interface SavedStep {
  readonly step: number;
  readonly path: string;
}

/** Files without which a step directory holds no model. */
export const MODEL_FILES = ["config.json", "model.safetensors"];
/** Files that training goes on from. */
export const STEP_FILES = [...MODEL_FILES, "tokenizer.json", "state.safetensors", "state.json"];

/**
 * Complete step directories, ascending; none when the run has no folder yet.
 *
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "run"), engine, versions: {} });
 * assert.deepEqual(listSteps(directory).map(({ step }) => step), [2]);
 */
export function listSteps(dir: string): SavedStep[] {
  return stepFolders(dir).filter(({ path }) => MODEL_FILES.every((file) => existsSync(join(path, file))));
}

/**
 * Step directories, ascending, with those that lack a file; a folder that has none of a step's
 * files is no step.
 */
export function stepFolders(dir: string): SavedStep[] {
  return names(dir)
    .flatMap((name) => {
      const step = stepNumber(name);
      return step === undefined ? [] : [{ step, path: join(dir, name) }];
    })
    .filter(({ path }) => STEP_FILES.some((file) => existsSync(join(path, file))))
    .sort((a, b) => a.step - b.step);
}

/**
 * The last complete step, from which a run resumes.
 *
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "run"), engine, versions: {} });
 * assert.equal(latestStep(directory)?.step, 2);
 */
export function latestStep(dir: string): SavedStep | undefined {
  return listSteps(dir).at(-1);
}

/**
 * The complete step with the lowest validation loss in the log, the earlier of two equal; the
 * latest when none was validated.
 *
 * @throws InputError when the log is damaged
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "run"), engine, versions: {} });
 * assert.equal(bestStep(directory)?.step, 2);
 */
export function bestStep(dir: string): SavedStep | undefined {
  return bestOf(listSteps(dir), readLog(dir));
}

/**
 * Saves a step: the lines logged so far, then the directory, are made durable.
 *
 * @returns the path of the step directory
 * @throws InputError when the step exists already or the disk refuses; nothing of the step is left then
 */
export async function writeStep(
  dir: string,
  step: number,
  files: Readonly<Record<string, FileContent>>,
): Promise<string> {
  const path = join(dir, stepName(step));
  syncLog(dir);
  await writeDirectory(path, files, { sums: true });
  return path;
}

/** Removes what a crash left half written; for the owner of the run's lock only. */
export function cleanStaging(dir: string): void {
  removeLeftovers(dir, names(dir));
}

/** Removes a run's folder of which nothing came. */
export function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir); // refuses what holds anything
  } catch {}
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return [];
    throw new InputError(`${dir}: cannot be listed (${errorCode(cause)}); check the path`, { cause });
  }
}
