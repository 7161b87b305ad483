/**
 * The step from which a run goes on: the newest that is whole. A damaged one is set aside, with its
 * reason, and never deleted.
 */
import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { InputError } from "../../errors.ts";
import type { Preset } from "../../train/preset.ts";
import { errorCode, writeError, writeFileDurably } from "../files/durable.ts";
import { DamagedError, uncheckedNote, verifySums } from "../files/sums.ts";
import { latestStep, type SavedStep, STEP_FILES, stepFolders } from "./directory.ts";
import { requireSameConfig, requireSameOwn, stepOf } from "./identity.ts";
import type { Own } from "./own/index.ts";
import { readJson } from "./preset.ts";
import { readRunJson } from "./run-json.ts";
import { readSafetensors } from "./safetensors-file.ts";
import { loadedPreset } from "./step-config.ts";

/**
 * Finds it; for the owner of the run's lock. Both run.json and the step say what was trained: a
 * step may be all that is there, put back from elsewhere, and nothing of another run is touched.
 *
 * @param tell hears of what was set aside, and of a step that names no hashes
 * @throws InputError where the directory is of another configuration or encoding, or a step cannot
 *   be read, which says nothing of its content
 */
export async function stepToGoOnFrom(
  directory: string,
  preset: Preset,
  own: Own,
  tell: (text: string) => void = () => {},
): Promise<SavedStep | undefined> {
  const { known } = own;
  const before = readRunJson(directory);
  const requireSame = (step: SavedStep | undefined) =>
    requireSameConfig(directory, preset, step && loadedPreset(step.path, known), known);
  requireSameConfig(directory, preset, before?.config, known);
  if (before === undefined) requireSame(latestStep(directory));
  else requireSameOwn(directory, before, own);
  const last = await newestWholeStep(directory, tell);
  requireSame(last);
  if (last !== undefined && last.step > preset.train.steps) {
    throw new InputError(
      `${last.path}: is beyond train.steps, ${preset.train.steps}; delete it, or give another --out`,
    );
  }
  return last;
}

async function newestWholeStep(dir: string, tell: (text: string) => void): Promise<SavedStep | undefined> {
  for (let last = stepFolders(dir).at(-1); last !== undefined; last = stepFolders(dir).at(-1)) {
    const fault = await faultOf(last, tell);
    if (fault === undefined) return last;
    const aside = await setAside(last.path, fault);
    const before = stepFolders(dir).at(-1);
    const next =
      before === undefined ? "training begins anew" : `step ${before.step} is taken, if it is whole`;
    tell(`${fault}; it is set aside as ${basename(aside)}, and ${next}`);
  }
  return undefined;
}

async function faultOf({ path, step }: SavedStep, tell: (text: string) => void): Promise<string | undefined> {
  try {
    const sums = await verifySums(path, STEP_FILES);
    if (sums === undefined) {
      await readThrough(path);
      tell(uncheckedNote(path));
    }
    const state = stepOf(path, sums);
    return state === step ? undefined : `${path}: its state.json says step ${state}`;
  } catch (error) {
    if (error instanceof DamagedError) return error.what;
    const code = errorCode((error as Error).cause);
    if (error instanceof InputError && (code === undefined || code === "ENOENT"))
      return error.message.split("; ")[0];
    throw error; // the system's: another disk or another user may read it
  }
}

async function readThrough(path: string): Promise<void> {
  for (const file of STEP_FILES) {
    if (file.endsWith(".json")) readJson(join(path, file));
    else await readSafetensors(join(path, file));
  }
}

async function setAside(path: string, reason: string): Promise<string> {
  const aside = `${path}.damaged-${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch (error) {
    throw writeError(path, error);
  }
  await writeFileDurably(join(aside, "why.txt"), `${reason}\n`);
  return aside;
}
