/** The argument and the option with which commands take a checkpoint, and a policy of its encoding. */
import type { Options, PositionalOptions } from "yargs";

/** A command's positional `checkpoint`. */
export const checkpointArgument = {
  type: "string",
  demandOption: true,
  describe: "a run directory (its best step), a step directory or a Hugging Face model directory",
} as const satisfies PositionalOptions;

/** Spread into a command's builder: `--set`. */
export const policyOption = {
  set: {
    type: "string",
    array: true,
    nargs: 1,
    default: [] as string[],
    describe: "change a policy: --set model.position.beyond=clamp",
  },
} as const satisfies Record<string, Options>;

/** What a command gets from both. */
export interface CheckpointArguments {
  readonly checkpoint: string;
  readonly set: readonly string[];
}
