/**
 * whereabouts/node: engines of Node, presets and corpora from files, runs, checkpoints and models
 * of other libraries.
 */

export type { AskedAll, AskingEvent, ProbeRows } from "./jobs/asking.ts";
export {
  type Executor,
  type ExecutorOptions,
  type JobEvent,
  type JobOutcome,
  requireDone,
} from "./jobs/executors/executor.ts";
export { type LocalOptions, localExecutor } from "./jobs/executors/local.ts";
export { serve } from "./jobs/executors/worker.ts";
export { type Job, readJob, trainingJob } from "./jobs/job.ts";
export { type ProbeOptions, probeCheckpoint } from "./jobs/probe-checkpoint.ts";
export { type JobContext, type JobResult, runJob } from "./jobs/run-job.ts";
export { startEngine } from "./native/engines.ts";
export { measurementsCsv } from "./report/csv.ts";
export type { Provenance } from "./report/page.ts";
export { type ProbePage, probePage } from "./report/probe-page.ts";
export type { Checkpoint } from "./run/checkpoint.ts";
export * as checkpoints from "./run/checkpoints.ts";
export { openData } from "./run/data.ts";
export { bestStep, latestStep, listSteps } from "./run/directory.ts";
export { exportCheckpoint, importCheckpoint } from "./run/exchange.ts";
export { readLog } from "./run/log.ts";
export { readMeasurements } from "./run/measurements.ts";
export { loadOwn, loadOwnProbe, type Own, type OwnFile, type OwnPaths } from "./run/own/index.ts";
export { readPreset } from "./run/preset.ts";
export { dataOf, subjectOf, type UserFiles } from "./run/subject.ts";
export { type RunOptions, type RunResult, runTraining } from "./run/training.ts";
