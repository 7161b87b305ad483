/** whereabouts/node: engines of Node, presets and corpora from files, runs, checkpoints and models of other libraries. */

export { startEngine } from "./native/engines.ts";
export type { Checkpoint } from "./run/checkpoint.ts";
export * as checkpoints from "./run/checkpoints.ts";
export { openData } from "./run/data.ts";
export { bestStep, latestStep, listSteps } from "./run/directory.ts";
export { exportCheckpoint, importCheckpoint } from "./run/exchange.ts";
export { readLog } from "./run/log.ts";
export { loadOwn, loadOwnProbe, type Own, type OwnFile, type OwnPaths } from "./run/own/index.ts";
export { readPreset } from "./run/preset.ts";
export { dataOf, subjectOf, type UserFiles } from "./run/subject.ts";
export { type RunOptions, type RunResult, runTraining } from "./run/training.ts";
