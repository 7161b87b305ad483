/** The second half of a job: the probes of its model, each answer saved as soon as it is there. */
import type { Measurement, Probe } from "../../probes/probe.ts";
import { lackedBy } from "../../probes/run.ts";
import { countParameters } from "../../tensor/params.ts";
import { disposeTree } from "../../tensor/tree.ts";
import { type Checkpoint, loadCheckpoint } from "../run/checkpoint.ts";
import { requireSameOwn } from "../run/identity.ts";
import { type Own, ownOf } from "../run/own/index.ts";
import { readRunJson } from "../run/run-json.ts";
import { dataOf, subjectOf } from "../run/subject.ts";
import { type AskedModel, askingOf, type Conditions } from "./asking.ts";
import type { Job } from "./job.ts";
import { ownFiles } from "./own-files.ts";
import { probesOf } from "./probes-of.ts";
import type { JobContext } from "./take-model.ts";

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
 * Asks the model that a job's first half ended in; undefined where the signal came first.
 *
 * @throws InputError as `loadCheckpoint` and `runProbe`
 */
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

/** Answers are kept as the run's: they have to be those of the files that it was trained with. */
function requireTrainedWith({ run, preset }: Checkpoint, own: Own): void {
  const record = run === undefined ? undefined : readRunJson(run);
  if (run === undefined || record === undefined || preset === undefined) return;
  requireSameOwn(run, record, ownOf(preset, own), "give the file as it was, or train another run with it");
}
