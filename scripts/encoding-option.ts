/** The option with which commands take an encoding of the user's own, and checkpoints of one. */
import type { Options } from "yargs";
import { type Checkpoint, loadCheckpoint } from "../src/node/run/checkpoint.ts";
import { requireSameEncoding } from "../src/node/run/identity.ts";
import { loadOwnEncoding, type OwnEncoding } from "../src/node/run/own-encoding.ts";
import { readRunJson } from "../src/node/run/run-json.ts";
import type { CheckpointArguments } from "./checkpoint-option.ts";

/** Spread into a command's builder: `--encoding`. */
export const encodingOption = {
  encoding: {
    type: "string",
    requiresArg: true,
    describe: "a file that exports an encoding of your own, beside the listed ones",
  },
} as const satisfies Record<string, Options>;

/** What a command gets from `encodingOption`. */
export interface EncodingArguments {
  readonly encoding?: string | undefined;
}

/** The encoding of the file that was given, if one was. */
export async function loadOwn({ encoding }: EncodingArguments): Promise<OwnEncoding | undefined> {
  return encoding === undefined ? undefined : loadOwnEncoding(encoding);
}

/**
 * Loads a checkpoint of a listed encoding or of the file's.
 *
 * @param changed what to do where the file is not the one it was trained with: say so on stderr, or, where answers are kept as the run's,
 *   refuse
 */
export async function loadWithOwn(
  args: CheckpointArguments & EncodingArguments,
  changed: "warn" | "refuse" = "warn",
): Promise<Checkpoint> {
  const own = await loadOwn(args);
  const loaded = await loadCheckpoint(args.checkpoint, args.set, own?.known);
  const record = loaded.run === undefined ? undefined : readRunJson(loaded.run);
  const trained = record?.encoding;
  if (own !== undefined && loaded.run !== undefined && record && trained && trained.sha256 !== own.sha256) {
    if (changed === "refuse")
      requireSameEncoding(loaded.run, record, own, "give the file as it was, or train another run with it");
    const hashes = `sha256 ${trained.sha256.slice(0, 8)}, now ${own.sha256.slice(0, 8)}`;
    process.stderr.write(
      `warning: ${own.path} has changed since ${loaded.run} was trained with it (${hashes})\n`,
    );
  }
  return loaded;
}
