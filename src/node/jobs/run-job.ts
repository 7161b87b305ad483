/**
 * What a worker does with a job: trains or takes its model, asks it the probes, saves each answer
 * as soon as it is there.
 */
import type { StartedEngine } from "../../engine/index.ts";
import { InputError } from "../../errors.ts";
import type { Measurement, Probe } from "../../probes/probe.ts";
import { lackedBy, probeNamed } from "../../probes/run.ts";
import { countParameters } from "../../tensor/params.ts";
import { disposeTree } from "../../tensor/tree.ts";
import { parsePreset } from "../../train/preset.ts";
import { type Checkpoint, loadCheckpoint } from "../run/checkpoint.ts";
import { requireSameOwn } from "../run/identity.ts";
import { loadOwn, loadOwnProbe, OWN_OF_RUN, type Own, ownOf } from "../run/own/index.ts";
import type { FileOf } from "../run/own/probes.ts";
import { readRunJson } from "../run/run-json.ts";
import { dataOf, subjectOf } from "../run/subject.ts";
import { type RunOptions, runTraining } from "../run/training.ts";
import { versions } from "../run/versions.ts";
import { type AskedModel, askingOf, type Conditions } from "./asking.ts";
import type { Taken, WorkEvent } from "./events.ts";
import type { Job } from "./job.ts";

/** What a job is run with, which does not cross to another process. */
export interface JobContext extends Pick<RunOptions, "cache"> {
  readonly engine: StartedEngine;
  /** Aborted: training saves its state, and no further probe is asked. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: WorkEvent) => void;
}

/** Where a job's model is, and what its probes measured. */
export interface JobResult {
  readonly directory: string;
  /** How many numbers the model has. */
  readonly parameters: number;
  /**
   * By probe. Those of a run stand under its `probes/` too; those of a step that was named, or of
   * an imported model, here alone.
   */
  readonly measurements: Readonly<Record<string, readonly Measurement[]>>;
}

/**
 * The whole job; undefined where the signal came first, and what was in hand is saved.
 *
 * @throws InputError where a field of the job is wrong, or as `runTraining`, `loadCheckpoint` and `runProbe`
 * @example
 * const model = { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } };
 * const preset = parsePreset({ name: "tiny", model, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const job = trainingJob(preset, [], { out: join(folder, "job") });
 * const result = await runJob(job, { engine: await startEngine("cpu") });
 * assert.deepEqual(result?.measurements, {});
 */
export async function runJob(job: Job, context: JobContext): Promise<JobResult | undefined> {
  const { directory, outcome } = await takeModel(job, context);
  return outcome === "interrupted" ? undefined : probeModel(job, directory, context);
}

/** The first half of a job: its model. */
export async function takeModel(job: Job, context: JobContext): Promise<Taken> {
  await probesOf(job); // before hours of training
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

/** The second half: the probes of the model that a job's first half ended in. */
export async function probeModel(
  job: Job,
  directory: string,
  context: JobContext,
): Promise<JobResult | undefined> {
  const own = await ownFiles(job);
  const probes = await probesOf(job);
  const probeFiles = Object.fromEntries(job.probes.flatMap(({ name, file }) => (file ? [[name, file]] : [])));
  const checkpoint = await loadCheckpoint(directory, [], own.known);
  try {
    requireTrainedWith(checkpoint, own);
    const tell = (text: string) => context.onEvent?.({ kind: "tell", text });
    const data = await dataOf(checkpoint, tell, own);
    const subject = subjectOf(checkpoint, { data });
    const measurements: Record<string, Measurement[]> = {};
    const model: AskedModel = { checkpoint, subject: async () => subject };
    for (const [i, { name, config = {}, optional }] of job.probes.entries()) {
      if (context.signal?.aborted) return undefined;
      const probe = probes[i] as Probe;
      if (optional && lackedBy(subject, probe).length > 0) continue;
      const sizes = { [name]: config };
      const conditions: Conditions = { seed: job.seed, engine: context.engine.name, own, sizes, probeFiles };
      const asking = await askingOf(model, probe, conditions);
      const saved = await asking.kept();
      const { question } = probe;
      context.onEvent?.({ kind: "probe", probe: name, question, saved: saved !== undefined });
      measurements[name] = saved ?? (await asking.ask());
    }
    return { directory, parameters: countParameters(checkpoint.model.specs), measurements };
  } finally {
    disposeTree(checkpoint.params);
  }
}

/** The probes of a job, in its order. @throws InputError for an unknown name, or a file that is another now */
async function probesOf({ name: job, probes }: Job): Promise<Probe[]> {
  const found: Probe[] = [];
  for (const { name, file } of probes) {
    if (file === undefined) found.push(probeNamed(name));
    else {
      const loaded = await loadOwnProbe(file.path);
      requireMeant(job, loaded, file.sha256);
      found.push(loaded.definition);
    }
  }
  return found;
}

/** What the job's files define, each as the bytes that the job means. */
export async function ownFiles({ name, own: files = {} }: Job): Promise<Own> {
  const own = await loadOwn({
    encoding: files.encoding?.path,
    task: files.task?.path,
    corpus: files.corpus?.path,
  });
  for (const kind of OWN_OF_RUN) {
    const found = own[kind];
    if (found !== undefined) requireMeant(name, found, files[kind]?.sha256);
  }
  return own;
}

function requireMeant(job: string, { path, sha256 }: FileOf, meant: string | undefined): void {
  if (sha256 === meant) return;
  const hashes = `sha256 ${meant?.slice(0, 8)}, now ${sha256.slice(0, 8)}`;
  throw new InputError(
    `job ${job}: ${path} has changed since the job was made (${hashes}); give the file as it was, or start anew`,
  );
}

/** Answers are kept as the run's: they have to be those of the files that it was trained with. */
function requireTrainedWith({ run, preset }: Checkpoint, own: Own): void {
  const record = run === undefined ? undefined : readRunJson(run);
  if (run === undefined || record === undefined || preset === undefined) return;
  requireSameOwn(run, record, ownOf(preset, own), "give the file as it was, or train another run with it");
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
