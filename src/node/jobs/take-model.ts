/**
 * The first half of a job: its model, trained or taken.
 *
 * Probes are loaded where a job has some: a process that trains for a sweep starts in half the time
 * without.
 */
import type { StartedEngine } from "../../engine/index.ts";
import { parsePreset } from "../../train/preset.ts";
import { type RunOptions, runTraining } from "../run/training.ts";
import { versions } from "../run/versions.ts";
import type { Taken, WorkEvent } from "./events.ts";
import type { Job } from "./job.ts";
import { ownFiles } from "./own-files.ts";

/** What a job is run with, which does not cross to another process. */
export interface JobContext extends Pick<RunOptions, "cache"> {
  readonly engine: StartedEngine;
  /** Aborted: training saves its state, and no further probe is asked. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: WorkEvent) => void;
}

/**
 * Trains or takes the model of a job.
 *
 * @throws InputError where a field of the job is wrong, or as `runTraining`
 */
export async function takeModel(job: Job, context: JobContext): Promise<Taken> {
  if (job.probes.length > 0) await (await import("./probes-of.ts")).probesOf(job); // before hours of training
  if ("checkpoint" in job.model) return { directory: job.model.checkpoint, outcome: "taken" };
  const own = await ownFiles(job);
  const preset = parsePreset(job.model.preset, `job ${job.name}`, [], own.known);
  const { engine, signal, cache, onEvent = () => {} } = context;
  const tell = (text: string) => onEvent({ kind: "tell", text });
  const { directory, outcome } = await runTraining(preset, {
    engine,
    own,
    out: job.model.out,
    versions: versions(engine),
    ...(signal && { signal }),
    ...(cache !== undefined && { cache }),
    onWait: tell, // another process may be at the same run
    onPrepare: tell,
    onPrepareWork: (work, total, unit) =>
      inHundredths(total, (done) => onEvent({ kind: "work", work, total, unit, done })),
    onStart: (start) => onEvent({ kind: "start", ...start }),
    onValidation: (step, losses, perCharacter) =>
      onEvent({ kind: "validation", step, losses, ...(perCharacter && { perCharacter }) }),
  });
  onEvent({ kind: "trained", outcome, directory });
  return { directory, outcome };
}

/** Hears each hundredth of work once, however often it is told. */
function inHundredths(total: number, hear: (done: number) => void): (done: number) => void {
  let last = -1;
  return (done) => {
    const now = Math.floor((100 * done) / total);
    if (now > last) hear(done);
    last = Math.max(last, now);
  };
}
