/** `whereabouts export CHECKPOINT --out HF_DIR`: a checkpoint becomes a model of Hugging Face's libraries. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { startEngine } from "../src/node/native/engines.ts";
import { exportCheckpoint } from "../src/node/run/exchange.ts";
import { type KeepNotFiniteArguments, keepNotFiniteOption } from "./keep-option.ts";
import { loadWatched, type OwnArguments, ownOptions } from "./own-option.ts";
import { tell, withArticle } from "./print.ts";

interface ExportArguments extends OwnArguments, KeepNotFiniteArguments {
  readonly checkpoint: string;
  readonly out: string;
  readonly as?: string | undefined;
}

export const command = "export <checkpoint>";
export const describe = "make a Hugging Face model directory of a checkpoint";

export function builder(yargs: Argv) {
  return yargs
    .positional("checkpoint", { type: "string", demandOption: true, describe: "a run or step directory" })
    .option("out", {
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "the model directory, a new folder",
    })
    .option("as", {
      type: "string",
      requiresArg: true,
      describe:
        "its model_type there, such as roberta (default: what it came from, else the first that fits)",
    })
    .options(keepNotFiniteOption)
    .options(ownOptions);
}

export async function handler(args: ArgumentsCamelCase<ExportArguments>): Promise<void> {
  const { checkpoint, out } = args;
  const { known } = await loadWatched(args);
  await startEngine("cpu"); // it only holds the tensors
  const { architecture, notes } = await exportCheckpoint(checkpoint, out, known, {
    keepNotFinite: args.keepNotFinite,
    architecture: args.as,
  });
  tell("export", ...notes, withArticle(architecture));
  process.stdout.write(`${out}\n`);
}
