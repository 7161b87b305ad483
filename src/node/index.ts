/** whereabouts/node: engines of Node, presets and corpora from files, runs, checkpoints and models of other libraries. */

export { type Preset, parsePreset } from "../train/preset.ts";
export { startEngine } from "./native/engines.ts";
export { type Checkpoint, loadCheckpoint } from "./run/checkpoint.ts";
export { openData } from "./run/data.ts";
export { bestStep, latestStep, listSteps } from "./run/directory.ts";
export { exportCheckpoint, importCheckpoint } from "./run/exchange.ts";
export { readLog } from "./run/log.ts";
export { loadOwn, loadOwnProbe, type Own, type OwnFile, type OwnPaths } from "./run/own/index.ts";
export { readPreset } from "./run/preset.ts";
export { dataOf, subjectOf, type UserFiles } from "./run/subject.ts";
export { type RunOptions, type RunResult, runTraining } from "./run/training.ts";
