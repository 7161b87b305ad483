/**
 * What identifies a run: its configuration, its text, its own encoding. Each is checked wherever
 * the run is used, to train on or to be asked, and what differs is told.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import type { DataConfig } from "../../data/index.ts";
import { InputError } from "../../errors.ts";
import { type Known, type Preset, presetSchema } from "../../train/preset.ts";
import { isStaging } from "../files/staging.ts";
import type { Sums } from "../files/sums.ts";
import { differenceText } from "./config-difference.ts";
import { listSteps, stepNumber } from "./directory.ts";
import { askedOf, configHash } from "./names.ts";
import { OWN_OF_RUN, type Own } from "./own/index.ts";
import { readJson } from "./preset.ts";
import { type RunRecord, readRunJson } from "./run-json.ts";

const ANOTHER = "give another --out, or delete it";

/**
 * A folder that holds something, and no run, is somebody's: nothing is written there. What a run
 * leaves that was killed before its run.json was there does not count, nor do hidden names.
 *
 * @throws InputError that names what is there
 */
export function requireRunOrEmpty(directory: string): void {
  if (namesIn(directory).length === 0) return;
  if (readRunJson(directory) !== undefined || listSteps(directory).length > 0) return;
  requireEmpty(directory, "run");
}

/**
 * As `requireRunOrEmpty`, for a folder that is not yet what it is to become.
 *
 * @param isOurs tells by its path what else may be there
 * @throws InputError that names what is there
 */
export function requireEmpty(
  directory: string,
  what: "run" | "sweep",
  isOurs: (path: string) => boolean = () => false,
): void {
  const found = namesIn(directory).filter((name) => {
    const path = join(directory, name);
    return !/^(?:\.|lock\b|lost\+found$)/.test(name) && !isStaging(path) && !isOurs(path);
  });
  if (found.length === 0) return;
  const some = found.slice(0, 3).join(", ") + (found.length > 3 ? `, … (${found.length} in all)` : "");
  throw new InputError(
    `${directory}: is not empty and holds no ${what} (${some}); give another --out, or an empty folder`,
  );
}

/** None where there is no folder: what else is there, the lock refuses. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/**
 * The configuration of run.json or of a step must be that of the preset.
 *
 * @throws InputError where it is another
 */
export function requireSameConfig(directory: string, preset: Preset, config: unknown, known: Known): void {
  if (config === undefined || isSame(config, preset, known)) return;
  const difference = differenceText(askedOf(filled(config, known)), askedOf(preset));
  throw new InputError(`${directory}: holds a run of another configuration: ${difference}; ${ANOTHER}`);
}

/**
 * A step that is used must be one of the run around it.
 *
 * @throws InputError where it was trained by another preset, or was put there under another number
 */
export function requireStepOfRun(
  run: string,
  path: string,
  preset: Preset,
  { known, sums }: { readonly known: Known; readonly sums?: Sums | undefined },
): void {
  const config = readRunJson(run)?.config;
  if (config !== undefined && !isSame(config, preset, known))
    throw new InputError(
      `${path}: was trained by another preset than ${run}/run.json says; put it back where it came from, or give it from outside the run`,
    );
  if (!existsSync(join(path, "state.json"))) return; // a model without what training goes on from
  const [named, step] = [stepNumber(basename(path)), stepOf(path, sums)];
  if (named !== undefined && named !== step)
    throw new InputError(
      `${path}: its state.json says step ${step}; put it back where it came from, or take another step`,
    );
}

const stateSchema = z.object({ step: z.int().min(0) });

/** Updates done, as a step's state.json says. @param sums what the step's bytes have to be */
export function stepOf(path: string, sums?: Sums): number {
  const where = join(path, "state.json");
  return parseConfig(stateSchema, readJson(where, sums?.get("state.json")), where).step;
}

function isSame(config: unknown, preset: Preset, known: Known): boolean {
  return configHash(filled(config, known)) === configHash(preset);
}

/** What has a default now, and was not there when run.json was written, is filled in. */
function filled(config: unknown, known: Known): object {
  const parsed = presetSchema(known).safeParse(config);
  return parsed.success ? parsed.data : (config as object);
}

/**
 * @throws InputError where the run was trained with an encoding, task or corpus of the user's own
 * that is not the one given now.
 */
export function requireSameOwn(
  directory: string,
  record: RunRecord,
  own: Partial<Own>,
  remedy = ANOTHER,
): void {
  for (const kind of OWN_OF_RUN) {
    const [before, given] = [record[kind], own[kind]];
    if (before?.sha256 === given?.sha256) continue;
    const was = before?.sha256.slice(0, 8) ?? "none";
    const now = given?.sha256.slice(0, 8) ?? "none";
    throw new InputError(
      `${directory}: holds a run of ${before?.path ?? `a listed ${kind}`} as it was then (sha256 ${was}, now ${now}); ${remedy}`,
    );
  }
}

/**
 * Files that were given and are not what the run was trained with.
 *
 * @returns of each, a line that says so
 */
export function changedOwn(directory: string, record: RunRecord, own: Partial<Own>): string[] {
  return OWN_OF_RUN.flatMap((kind) => {
    const [before, given] = [record[kind], own[kind]];
    if (before === undefined || given === undefined || before.sha256 === given.sha256) return [];
    const hashes = `sha256 ${before.sha256.slice(0, 8)}, now ${given.sha256.slice(0, 8)}`;
    return [`${given.path} has changed since ${directory} was trained with it (${hashes})`];
  });
}

/**
 * The same path may hold another text than it did.
 *
 * @param before SHA-256 of the text in run.json, where it was one
 * @throws InputError with both hashes
 */
export function requireSameText(
  directory: string,
  data: DataConfig,
  [before, now]: readonly [before: string | undefined, now: string | undefined],
  remedy = ANOTHER,
): void {
  if (before === undefined || now === undefined || before === now) return;
  const source = data.kind === "text" && data.path !== undefined ? "data.path" : "data.corpus";
  throw new InputError(
    `${directory}: was trained on another text than ${source} holds now (sha256 ${before.slice(0, 8)}, now ${now.slice(0, 8)}); ${remedy}`,
  );
}
