/** whereabouts/node: engines of Node, presets and corpora from files, runs, checkpoints and models of other libraries. */
export { startEngine } from "./native/engines.ts";
export { type Checkpoint, loadCheckpoint } from "./run/checkpoint.ts";
export { openData } from "./run/data.ts";
export { bestStep, latestStep, listSteps } from "./run/directory.ts";
export { exportCheckpoint, importCheckpoint } from "./run/exchange.ts";
export { readLog } from "./run/log.ts";
export { loadOwnEncoding } from "./run/own-encoding.ts";
export { type Preset, parsePreset, readPreset } from "./run/preset.ts";
export { dataOf, subjectOf, type UserFiles } from "./run/subject.ts";
export { type RunOptions, type RunResult, runTraining } from "./run/training.ts";
