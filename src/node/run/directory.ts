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
import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "../../errors.ts";
import { errorCode, type FileContent, writeDirectory } from "../files/durable.ts";
import { removeLeftovers } from "../files/staging.ts";
import { readLog, syncLog } from "./log.ts";

/** The fields of a resolved config that name its folder; all others count in the hash. */
export interface NamedConfig {
  readonly name: string;
  readonly seed: number;
  readonly data: {
    readonly kind: string;
    readonly corpus?: unknown;
    readonly path?: unknown;
    readonly task?: unknown;
  };
}

/** A complete step directory. */
export interface SavedStep {
  readonly step: number;
  readonly path: string;
}

/**
 * What says how a config is computed, not what: left out of the hash, so that a run which moves to another engine or to
 * more threads is resumed and not begun again. run.json records both.
 */
const NOT_ASKED: ReadonlySet<string> = new Set(["engine", "threads", "out"]);

/** Which steps are kept changes none of them. */
const NOT_ASKED_OF_TRAINING: ReadonlySet<string> = new Set(["keep"]);

/** Files without which a step directory holds no model. */
export const MODEL_FILES = ["config.json", "model.safetensors"];
/** Files that training goes on from. */
export const STEP_FILES = [...MODEL_FILES, "tokenizer.json", "state.safetensors", "state.json"];

/**
 * Folder name of a resolved config: preset, data, seed and six digits of its hash, such as `rope-shakespeare-s1-3f9c2a`.
 *
 * @throws TypeError for a config that JSON cannot hold
 */
export function runDirectoryName(config: NamedConfig): string {
  const { kind, corpus, path, task } = config.data;
  const file = typeof path === "string" ? basename(path).replace(/\.[A-Za-z0-9]+$/, "") : undefined;
  const data = String([corpus, task, file].find((field) => typeof field === "string") ?? kind);
  return `${slug(config.name)}-${slug(data)}-s${config.seed}-${configHash(config).slice(0, 6)}`;
}

/**
 * SHA-256, in hex, of a config's canonical JSON: names sorted, no white space, `engine`, `threads`, `out` and `train.keep` left out.
 * Two folders of one name whose run.json differ in it are different runs.
 *
 * @throws TypeError for a config that JSON cannot hold
 */
export function configHash(config: object): string {
  return createHash("sha256")
    .update(canonicalJson(askedOf(config)))
    .digest("hex");
}

/** The fields of a config that say what is computed. */
export function askedOf(config: object): Record<string, unknown> {
  const { train, ...rest } = without(NOT_ASKED, config);
  const training =
    typeof train === "object" && train !== null ? without(NOT_ASKED_OF_TRAINING, train) : train;
  return { ...rest, train: training };
}

const without = (fields: ReadonlySet<string>, config: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).filter(([field]) => !fields.has(field)));

/** Folder name of a step: `step-000500`. */
export function stepName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** Step number of a folder name, undefined when it is not one of `stepName`. */
export function stepNumber(name: string): number | undefined {
  const step = Number(/^step-([0-9]{6,15})$/.exec(name)?.[1]);
  return stepName(step) === name ? step : undefined;
}

/** Complete step directories, ascending; none when the run has no folder yet. */
export function listSteps(dir: string): SavedStep[] {
  return stepFolders(dir).filter(({ path }) => MODEL_FILES.every((file) => existsSync(join(path, file))));
}

/** Step directories, ascending, with those that lack a file; a folder that has none of a step's files is no step. */
export function stepFolders(dir: string): SavedStep[] {
  return names(dir)
    .flatMap((name) => {
      const step = stepNumber(name);
      return step === undefined ? [] : [{ step, path: join(dir, name) }];
    })
    .filter(({ path }) => STEP_FILES.some((file) => existsSync(join(path, file))))
    .sort((a, b) => a.step - b.step);
}

/** The last complete step, from which a run resumes. */
export function latestStep(dir: string): SavedStep | undefined {
  return listSteps(dir).at(-1);
}

/**
 * The complete step with the lowest validation loss in the log, the earlier of two equal; the latest when none was
 * validated.
 *
 * @throws InputError when the log is damaged
 */
export function bestStep(dir: string): SavedStep | undefined {
  const steps = listSteps(dir);
  const losses = new Map<number, number>();
  for (const { step, split, loss } of readLog(dir)) {
    if (split === "validation" && typeof loss === "number") losses.set(step, loss);
  }
  const validated = steps.filter(({ step }) => losses.has(step));
  const loss = ({ step }: SavedStep) => losses.get(step) ?? Number.POSITIVE_INFINITY;
  return validated.reduce<SavedStep | undefined>(
    (best, next) => (best && loss(best) <= loss(next) ? best : next),
    validated[0] ?? steps.at(-1),
  );
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

/** A part of a file name that every file system and shell takes, at most 40 characters. */
function slug(text: string): string {
  const plain = text.normalize("NFKD").replace(/[^A-Za-z0-9._]+/g, "-");
  return plain.slice(0, 40).replace(/^[-.]+|[-.]+$/g, "") || "unnamed";
}

/** JSON with sorted names, which does not depend on the order in which a config was put together. */
function canonicalJson(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`config: ${value} is not a number that JSON holds`);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`;
}
