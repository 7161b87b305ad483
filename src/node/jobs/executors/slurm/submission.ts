/**
 * The folder of one submission of jobs to Slurm, on a file system that the nodes share:
 *
 *     slurm/1/manifest.json      the jobs by index: task k of the array runs jobs[k]
 *     slurm/1/submission.json    the array's id, and whether it was submitted and has ended
 *     slurm/1/results/7.json     how job 7 ended, written by its task as the last thing
 *     slurm/1/log/12_7.log       what the task said: array 12, task 7
 *     slurm/1/refused.txt        a node that can run no task says why (refusal.mjs)
 *
 * Slurm forgets tasks minutes after they have ended; these files are what counts.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../../config.ts";
import { ENGINE_NAMES, MOST_THREADS } from "../../../../engine/engine.ts";
import { isInputError } from "../../../../errors.ts";
import { jsonText } from "../../../../printable.ts";
import { indentedJson, writeError, writeFileDurably } from "../../../files/durable.ts";
import { makeFolder } from "../../../files/make-folder.mjs";
import { readRegularText } from "../../../files/regular.ts";
import { codeHash, sha256 } from "../../../run/asked.ts";
import { measurementsSchema } from "../../../run/measurements.ts";
import { canonicalJson } from "../../../run/names.ts";
import { readJson } from "../../../run/preset.ts";
import type { Job } from "../../job.ts";
import type { JobResult } from "../../probe-model.ts";
import { REFUSAL_FILE } from "./refusal.mjs";

const manifestSchema = z.strictObject({
  engine: z.enum(ENGINE_NAMES),
  threads: z.int().positive().max(MOST_THREADS),
  /** Checked one by one, by those who run them. */
  jobs: z.array(z.record(z.string(), z.unknown())),
});

/** What tasks are to do, and with what. */
export interface Manifest extends Omit<z.output<typeof manifestSchema>, "jobs"> {
  readonly jobs: readonly Job[];
}

const recordSchema = z.strictObject({
  /** Of the job, random: by it the array is found where its id was not heard of. */
  name: z.string(),
  array: z.string().regex(/^\d+$/).optional(),
  /**
   * "submitting": sbatch was called, and its answer not heard. "abandoned": nothing came of it;
   * tasks that come all the same do nothing.
   */
  status: z.enum(["submitting", "submitted", "ended", "abandoned"]),
});
export type SubmissionRecord = z.output<typeof recordSchema>;

const resultSchema = z.union([
  z.strictObject({
    code: z.string(),
    outcome: z.enum(["finished", "skipped", "taken"]),
    result: z.strictObject({
      directory: z.string(),
      parameters: z.number(),
      measurements: z.record(z.string(), measurementsSchema),
    }),
  }),
  z.strictObject({ code: z.string(), failed: z.string(), isInput: z.boolean() }),
]);

/** How a task's job ended, as its task says. */
export type TaskEnd =
  | { readonly outcome: "finished" | "skipped" | "taken"; readonly result: JobResult }
  | { readonly failed: string; readonly isInput: boolean };

/** With the hash of the program that says so: another one's answers would be asked again. */
export type TaskResult = { readonly code: string } & TaskEnd;

export interface Submission {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly record: SubmissionRecord;
}

const RESULTS = "results";
const RECORD = "submission.json";
const MANIFEST = "manifest.json";

export const logFolder = (folder: string): string => join(folder, "log");

/** What a job is known by from one submission to the next. */
export const keyOf = (engine: string, job: Job): string => sha256(canonicalJson({ engine, job }));

/** Puts down what is to be submitted, in a folder of its own: the record says "submitting". */
export async function putDown(parent: string, manifest: Manifest): Promise<Submission> {
  const folder = join(parent, String((numbersIn(parent).at(-1) ?? 0) + 1));
  try {
    for (const part of [RESULTS, "log"]) makeFolder(join(folder, part));
  } catch (error) {
    throw writeError(folder, error);
  }
  await writeFileDurably(join(folder, MANIFEST), `${jsonText("manifest", manifest)}\n`);
  const record: SubmissionRecord = {
    name: `whereabouts-${randomBytes(6).toString("hex")}`,
    status: "submitting",
  };
  return recorded({ folder, manifest, record }, record);
}

/** Writes how far a submission is. */
export async function recorded(submission: Submission, record: SubmissionRecord): Promise<Submission> {
  await writeFileDurably(join(submission.folder, RECORD), indentedJson(record));
  return { ...submission, record };
}

/** @throws InputError where the folder holds something else */
export function readSubmission(folder: string): Submission {
  const record = parseConfig(recordSchema, readJson(join(folder, RECORD)), join(folder, RECORD));
  const found = parseConfig(manifestSchema, readJson(join(folder, MANIFEST)), join(folder, MANIFEST));
  const manifest = { ...found, jobs: found.jobs as unknown as Job[] }; // as readJob finds, where they are run
  return { folder, manifest, record };
}

/** The submissions of a folder, the last one first; those that a crash left without a record are none. */
export function submissionsIn(parent: string): Submission[] {
  const folders = numbersIn(parent).map((number) => join(parent, String(number)));
  return folders
    .filter((folder) => existsSync(join(folder, RECORD)))
    .reverse()
    .map(readSubmission);
}

function numbersIn(parent: string): number[] {
  const names = existsSync(parent) ? readdirSync(parent) : [];
  return names
    .filter((name) => /^[1-9]\d{0,8}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Says how a job ended; a later word on the same job stands. */
export async function writeResult(folder: string, index: number, end: TaskEnd): Promise<void> {
  const text = jsonText(`result of job ${index}`, { code: codeHash(), ...end }, 1);
  await writeFileDurably(join(folder, RESULTS, `${index}.json`), `${text}\n`);
}

/**
 * Results by index, without those of `known`. The folder is listed anew: a network file system
 * then asks its server.
 */
export function resultsIn(folder: string, known: { has(index: number): boolean }): Map<number, TaskResult> {
  const results = new Map<number, TaskResult>();
  for (const name of readdirSync(join(folder, RESULTS))) {
    const index = /^(\d{1,9})\.json$/.exec(name)?.[1];
    if (index === undefined || known.has(Number(index))) continue;
    const result = resultAt(join(folder, RESULTS, name));
    if (result !== undefined) results.set(Number(index), result);
  }
  return results;
}

/** Undefined where it is not whole: its job is then lost, and is done again. */
function resultAt(path: string): TaskResult | undefined {
  try {
    return resultSchema.safeParse(readJson(path)).data;
  } catch (error) {
    if (isInputError(error)) return undefined;
    throw error;
  }
}

/** What a node has said that can run no task, with its name. */
export function refusalIn(folder: string): string | undefined {
  try {
    return readRegularText(join(folder, REFUSAL_FILE), 10_000).trim();
  } catch {
    return undefined; // it is not there, or nobody's to trust
  }
}

/** Results of jobs that were done in any submission by this program, by `keyOf`. */
export function doneBefore(submissions: readonly Submission[]): Map<string, TaskResult> {
  const done = new Map<string, TaskResult>();
  for (const { folder, manifest } of [...submissions].reverse()) {
    for (const [index, result] of resultsIn(folder, new Set())) {
      const job = manifest.jobs[index];
      if (job !== undefined && "result" in result && result.code === codeHash())
        done.set(keyOf(manifest.engine, job), result);
    }
  }
  return done;
}
