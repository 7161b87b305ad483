/**
 * Which steps a run keeps, by `train.keep`. The newest is always kept, for the run goes on from
 * there, and under "best" and "powers" so is the one with the lowest validation loss.
 *
 * Only what this run wrote is removed: a step that names the hashes of its files, holds no others,
 * and was trained by this preset.
 */
import { readdirSync } from "node:fs";
import { isInputError } from "../../errors.ts";
import type { Known, Preset } from "../../train/preset.ts";
import { errorCode } from "../files/durable.ts";
import { removeWhole } from "../files/staging.ts";
import { readSums, SUMS_FILE } from "../files/sums.ts";
import { bestStep, listSteps, type SavedStep } from "./directory.ts";
import { configHash } from "./names.ts";
import { loadedPreset } from "./step-config.ts";

/**
 * Removes what `train.keep` does not keep; for the owner of the run's lock, when the newest step is durable.
 *
 * @param tell hears where the system refuses, which does not stop the run
 */
export async function pruneSteps(
  dir: string,
  preset: Preset,
  known: Known,
  tell: (text: string) => void,
): Promise<void> {
  for (const step of superfluous(dir, preset)) {
    if (!isOfRun(step, preset, known)) continue;
    try {
      await removeWhole(step.path);
    } catch (error) {
      tell(
        `${step.path}: cannot be removed (${errorCode(error)}), though train.keep is "${preset.train.keep}"`,
      );
    }
  }
}

function superfluous(dir: string, { train }: Preset): SavedStep[] {
  if (train.keep === "all") return [];
  const steps = listSteps(dir);
  const best = train.keep === "last" ? undefined : bestStep(dir)?.step;
  const isPower = (n: number) => Number.isInteger(Math.log2(n)); // exact for powers of two; no others give integers
  return steps
    .slice(0, -1)
    .filter(({ step }) => step !== best && !(train.keep === "powers" && isPower(step / train.saveEvery)));
}

function isOfRun({ path }: SavedStep, preset: Preset, known: Known): boolean {
  try {
    const sums = readSums(path);
    const names = readdirSync(path).filter((name) => name !== SUMS_FILE);
    if (sums === undefined || names.length !== sums.size || !names.every((name) => sums.has(name)))
      return false;
    return configHash(loadedPreset(path, known)) === configHash(preset);
  } catch (error) {
    if (isInputError(error) || errorCode(error) !== undefined) return false; // not whole: left for who looks into it
    throw error;
  }
}
