/**
 * What a worker does with a job: trains or takes its model, asks it the probes, saves each answer
 * as soon as it is there.
 */
import type { Job } from "./job.ts";
import { type JobResult, probeModel } from "./probe-model.ts";
import { type JobContext, takeModel } from "./take-model.ts";

export type { JobResult } from "./probe-model.ts";
export type { JobContext } from "./take-model.ts";

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
