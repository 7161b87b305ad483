/** Trains and probes what a study lacks, part by part: one sweep, up to the seeds of one stage. */
import { join } from "node:path";
import { groupsOf } from "../../../probes/groups.ts";
import { hasMeasurements } from "../../run/measurements.ts";
import type { Executor, ExecutorOptions } from "../executors/executor.ts";
import { type Job, trainingJob } from "../job.ts";
import { type RunDirectories, type RunState, stateOf } from "./local-runs.ts";
import { type PublishedRun, readPublished } from "./published.ts";
import type { Study, StudyRun } from "./study-file.ts";

/** A run, and where what it measured is; undefined where it has to be trained. */
export interface Standing {
  readonly run: StudyRun;
  /** "asked less": published without an answer to one of its probes, and not on this machine. */
  readonly state: RunState | "published" | "asked less" | undefined;
  /** Its directory on this machine. */
  readonly directory?: string | undefined;
  readonly published?: PublishedRun | undefined;
}

export const isDone = ({ state }: Standing): boolean => state === "done" || state === "published";

/** Probes of the sweep that its published line does not answer. */
export const unanswered = ({ run, published }: Standing): string[] =>
  run.sweep.probes.filter((probe) => !published?.probes.includes(probe));

/**
 * How far each run is. What this machine has finished counts before what is published.
 *
 * @throws InputError where a published file or a run.json is damaged
 */
export function standingsOf(
  study: Study,
  runs: readonly StudyRun[],
  directories: RunDirectories,
): Standing[] {
  const names = new Set(runs.map(({ sweep }) => sweep.name));
  const published = new Map([...names].map((name) => [name, readPublished(study, name)]));
  return runs.map((run) => {
    const found = published.get(run.sweep.name)?.get(run.hash);
    const local = stateOf(directories, run);
    const standing = { run, directory: directories.get(run.name), published: found };
    if (local === "done" || found === undefined) return { ...standing, state: local };
    if (unanswered({ ...standing, state: local }).length === 0) return { ...standing, state: "published" };
    return { ...standing, state: local ?? "asked less" };
  });
}

export interface StudyOptions extends Pick<ExecutorOptions, "signal"> {
  /**
   * "answers": asks trained runs what they lack, and trains none. "all" trains those anew that are
   * published and asked less.
   */
  readonly work?: "answers" | "runs" | "all";
  /** Where runs are trained that are not there yet. */
  readonly folder: string;
  readonly executor: Executor;
  /** Hears of each part before it begins; what it returns hears of its runs. */
  readonly onPart: (part: readonly Standing[], index: number, of: number) => ExecutorOptions["onEvent"];
}

/** How a study's work ended. */
export interface StudyResult {
  readonly done: number;
  readonly failed: readonly { readonly run: StudyRun; readonly error: Error }[];
  readonly interrupted: boolean;
}

/** A run that fails leaves the others: the same call tries it again. */
export async function runStudy(
  standings: readonly Standing[],
  { folder, executor, signal, onPart, work = "runs" }: StudyOptions,
): Promise<StudyResult> {
  const left = standings.filter((one) => isWork(one, work));
  const parts = groupsOf(left, ({ run }) => JSON.stringify([run.stage, run.sweep.name]));
  const failed: { run: StudyRun; error: Error }[] = [];
  let done = 0;
  for (const [index, part] of parts.entries()) {
    if (signal?.aborted) break;
    const jobs = part.map((one) => jobOf(one, folder));
    const outcomes = await executor.run(jobs, { signal, onEvent: onPart(part, index, parts.length) });
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.kind === "done") done++;
      if (outcome.kind === "failed") failed.push({ run: (part[i] as Standing).run, error: outcome.error });
    }
  }
  return { done, failed, interrupted: done + failed.length < left.length };
}

/**
 * Whether there is something to do. A published run that was asked less is as it is: its steps are
 * not published, and an answer would take a training.
 */
export function isWork(standing: Standing, work: NonNullable<StudyOptions["work"]>): boolean {
  if (work === "answers") return standing.state === "trained";
  return !isDone(standing) && (work === "all" || standing.state !== "asked less");
}

/** What was asked is not asked again. */
function jobOf({ run, state, directory }: Standing, folder: string): Job {
  const out = directory ?? join(folder, run.name);
  const probes = run.sweep.probes.filter((probe) => state !== "trained" || !hasMeasurements(out, probe));
  const job = trainingJob(run.preset, probes, { out });
  return { ...job, name: runText(run) };
}

/** What progress and failures call a run. */
export const runText = ({ sweep, condition, preset }: StudyRun): string =>
  `${sweep.name}, ${condition}, seed ${preset.seed}`;
