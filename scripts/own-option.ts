/**
 * The options with which commands take an encoding, a task and a corpus of the user's own, and
 * checkpoints of them.
 */
import type { Options } from "yargs";
import { type Checkpoint, loadCheckpoint } from "../src/node/run/checkpoint.ts";
import { changedOwn, requireSameOwn } from "../src/node/run/identity.ts";
import { watchAftermath } from "../src/node/run/own/aftermath.ts";
import { loadOwn, OWN_OF_RUN, type Own, type OwnPaths } from "../src/node/run/own/index.ts";
import { readRunJson } from "../src/node/run/run-json.ts";
import type { CheckpointArguments } from "./checkpoint-option.ts";

/** Spread into a command's builder: `--encoding`, `--task` and `--corpus`. */
export const ownOptions = {
  encoding: {
    type: "string",
    requiresArg: true,
    describe: "a file that exports an encoding of your own, beside the listed ones",
  },
  task: {
    type: "string",
    requiresArg: true,
    describe: "a file that exports a task of your own, for data.task",
  },
  corpus: {
    type: "string",
    requiresArg: true,
    describe: "a file that exports a corpus of your own, for data.corpus",
  },
} as const satisfies Record<string, Options>;

/** What a command gets from `ownOptions`. */
export type OwnArguments = OwnPaths;

/** What the files define, which are named from then on where they end the command. */
export async function loadWatched(paths: OwnPaths): Promise<Own> {
  const own = await loadOwn(paths);
  for (const option of OWN_OF_RUN) {
    const file = own[option];
    if (file !== undefined) watchAftermath(option, file.path);
  }
  return own;
}

/** A checkpoint, and the files that were given with it. */
export interface LoadedWithOwn {
  readonly checkpoint: Checkpoint;
  readonly own: Own;
}

/**
 * Loads a checkpoint of what is listed or of the files.
 *
 * @param changed what to do where a file is not the one it was trained with: say so on stderr, or,
 *   where answers are kept as the run's, refuse
 */
export async function loadWithOwn(
  args: CheckpointArguments & OwnArguments,
  changed: "warn" | "refuse" = "warn",
): Promise<LoadedWithOwn> {
  const own = await loadWatched(args);
  const checkpoint = await loadCheckpoint(args.checkpoint, args.set, own.known);
  const { run } = checkpoint;
  const record = run === undefined ? undefined : readRunJson(run);
  if (run === undefined || record === undefined) return { checkpoint, own };
  const differences = changedOwn(run, record, own);
  if (differences.length > 0 && changed === "refuse")
    requireSameOwn(run, record, own, "give the file as it was, or train another run with it");
  for (const difference of differences) process.stderr.write(`warning: ${difference}\n`);
  return { checkpoint, own };
}
