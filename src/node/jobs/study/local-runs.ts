/** The runs of a study on this machine: which are done, and what they measured. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../../errors.ts";
import { encodingName } from "../../../model/position-fields.ts";
import { validationLosses } from "../../../train/log-lines.ts";
import { errorCode } from "../../files/durable.ts";
import { bestStep } from "../../run/directory.ts";
import { readLog } from "../../run/log.ts";
import { hasMeasurements, readMeasurements } from "../../run/measurements.ts";
import { configHash } from "../../run/names.ts";
import { type RunRecord, readRunJson } from "../../run/run-json.ts";
import { readSafetensors } from "../../run/safetensors-file.ts";
import type { PublishedRun } from "./published.ts";
import type { StudyRun } from "./study-file.ts";

/** How far a run is: "trained" lacks an answer of a probe. */
export type RunState = "done" | "trained" | "begun";

/** Directories of runs by their names. */
export type RunDirectories = ReadonlyMap<string, string>;

/**
 * The run directories in a folder, and in the folders in it: a sweep that was moved there as a
 * whole counts too.
 */
export function runDirectories(folder: string): RunDirectories {
  const found = new Map<string, string>();
  for (const name of foldersIn(folder)) {
    const path = join(folder, name);
    if (isRunName(name)) found.set(name, path);
    else for (const inner of foldersIn(path)) if (isRunName(inner)) found.set(inner, join(path, inner));
  }
  return found;
}

const isRunName = (name: string) => /-s\d+-[0-9a-f]{6}$/.test(name);

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw new InputError(`${folder}: cannot be read (${errorCode(error)}); give another --runs`);
  }
}

/** @returns undefined where nothing of the run is there */
export function stateOf(directories: RunDirectories, run: StudyRun): RunState | undefined {
  const directory = directories.get(run.name);
  const record = directory === undefined ? undefined : readRunJson(directory);
  if (directory === undefined || record === undefined || configHash(record.config) !== run.hash)
    return undefined;
  if (record.status !== "finished") return "begun";
  return answered(directory, run).length === run.sweep.probes.length ? "done" : "trained";
}

/** Probes of the sweep that a run on this machine has answered. */
export const answered = (directory: string, { sweep }: StudyRun): string[] =>
  sweep.probes.filter((probe) => hasMeasurements(directory, probe));

/**
 * A finished run, as it is published: with the answers that it has.
 *
 * @throws InputError where one of its files is damaged
 */
export async function publishedOf(directory: string, run: StudyRun): Promise<PublishedRun> {
  const { versions, threads, startedAt, endedAt = startedAt } = readRunJson(directory) as RunRecord;
  const log = readLog(directory);
  const validation = validationLosses(log).map(([step, loss]): [number, number] => [
    step,
    Number(loss.toPrecision(6)),
  ]);
  const probes = answered(directory, run);
  return {
    ...{ run: run.name, sha256: run.hash, encoding: encodingName(run.preset.model) },
    parameters: await parametersOf(directory),
    ...{ versions, ...(threads !== undefined && { threads }) },
    seconds: z.number().min(0).catch(0).parse(log.at(-1)?.seconds),
    ...{ endedAt, probes, validation },
    measurements: probes.flatMap((probe) => readMeasurements(directory, probe)),
  };
}

/** How many numbers its model has. */
async function parametersOf(directory: string): Promise<number> {
  const step = bestStep(directory);
  if (step === undefined) throw new InputError(`${directory}: no step is left; train it anew`);
  const { tensors } = await readSafetensors(join(step.path, "model.safetensors"));
  const sizes = Object.values(tensors).map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}
