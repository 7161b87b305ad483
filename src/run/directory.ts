/**
 * The folder of one training run.
 *
 *   checkpoints/rope-shakespeare-s1-3f9c2a/   preset, data, seed, hash of the resolved config
 *     run.json         what was asked, by which versions, and how it ended
 *     log.jsonl        what was measured
 *     lock-….json      who writes here now
 *     step-000500/     config.json  model.safetensors  tokenizer.json  state.safetensors  state.json
 *
 * The same config gives the same folder, on every machine.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "../errors.ts";
import { errorCode, type FileContent, STAGING, writeDirectory } from "./durable.ts";
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

/** Files without which a step directory holds no model. */
const MODEL_FILES = ["config.json", "model.safetensors"];

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
 * SHA-256, in hex, of a config's canonical JSON: names sorted, no white space, `engine`, `threads` and `out` left out.
 * Two folders of one name whose run.json differ in it are different runs.
 *
 * @throws TypeError for a config that JSON cannot hold
 */
export function configHash(config: object): string {
  const asked = Object.fromEntries(Object.entries(config).filter(([field]) => !NOT_ASKED.has(field)));
  return createHash("sha256").update(canonicalJson(asked)).digest("hex");
}

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
  const steps: SavedStep[] = [];
  for (const name of names(dir)) {
    const step = stepNumber(name);
    const path = join(dir, name);
    if (step === undefined || !MODEL_FILES.every((file) => existsSync(join(path, file)))) continue;
    steps.push({ step, path });
  }
  return steps.sort((a, b) => a.step - b.step);
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
  await writeDirectory(path, files);
  return path;
}

/**
 * Removes what a crash left half written; for the owner of the run's lock only. Locks that are being put down by processes
 * that will be refused are not touched.
 */
export function cleanStaging(dir: string): void {
  for (const name of names(dir)) {
    if (name.endsWith(STAGING) && !name.startsWith("lock-"))
      rmSync(join(dir, name), { recursive: true, force: true });
  }
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
