/**
 * whereabouts/node: engines of Node, presets and corpora from files, runs, checkpoints and models
 * of other libraries.
 *
 * @module whereabouts/node
 */

export type { Look, LookedContext } from "../figures/look.ts";
export type { ComparisonResult } from "../figures/results.ts";
export type { LogLine } from "../train/log-lines.ts";
export type { AskedAll, AskingEvent, ProbeRows } from "./jobs/asking.ts";
export type { WorkEvent } from "./jobs/events.ts";
export {
  type Executor,
  type ExecutorOptions,
  type JobEvent,
  type JobOutcome,
  requireDone,
} from "./jobs/executors/executor.ts";
export { type LocalOptions, localExecutor } from "./jobs/executors/local.ts";
export { serve, type WorkerOptions } from "./jobs/executors/worker.ts";
export type { WorkerCommand } from "./jobs/executors/worker-process.ts";
export { type Job, readJob, type TrainingJobOptions, trainingJob } from "./jobs/job.ts";
export { type ProbeOptions, probeCheckpoint } from "./jobs/probe-checkpoint.ts";
export { type JobContext, type JobResult, runJob } from "./jobs/run-job.ts";
export { startEngine } from "./native/engines.ts";
export { measurementsCsv } from "./report/csv.ts";
export type { Provenance } from "./report/page.ts";
export { type ProbePage, probePage } from "./report/probe-page.ts";
export type { Checkpoint } from "./run/checkpoint.ts";
export * as checkpoints from "./run/checkpoints.ts";
export { type OpenOptions, openData } from "./run/data.ts";
export { bestStep, latestStep, listSteps, type SavedStep } from "./run/directory.ts";
export {
  type Exchange,
  type ExchangeOptions,
  type ExportOptions,
  exportCheckpoint,
  importCheckpoint,
} from "./run/exchange.ts";
export { readLog } from "./run/log.ts";
export type { Losses } from "./run/losses.ts";
export { readMeasurements } from "./run/measurements.ts";
export { loadOwn, loadOwnProbe, type Own, type OwnFile, type OwnPaths } from "./run/own/index.ts";
export type { FileOf, GivenProbes } from "./run/own/probes.ts";
export { readPreset } from "./run/preset.ts";
export { dataOf, type SubjectOptions, subjectOf, type UserFiles } from "./run/subject.ts";
export type { ShowWork } from "./run/text/watch.ts";
export { type RunOptions, type RunResult, runTraining } from "./run/training.ts";
