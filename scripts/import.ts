/** `whereabouts import HF_DIR --out CHECKPOINT`: a model of Hugging Face's libraries becomes a checkpoint. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { architectures } from "../src/formats/huggingface/architectures.ts";
import { importCheckpoint } from "../src/node/run/exchange.ts";
import { type KeepNotFiniteArguments, keepNotFiniteOption } from "./keep-option.ts";
import { tell, withArticle } from "./print.ts";

interface ImportArguments extends KeepNotFiniteArguments {
  readonly folder: string;
  readonly out: string;
}

export const command = "import <folder>";
export const describe = "make a checkpoint of a Hugging Face model directory";

export function builder(yargs: Argv) {
  return yargs
    .positional("folder", {
      type: "string",
      demandOption: true,
      describe: `a folder with config.json and safetensors: ${architectures.map(({ title }) => title).join(", ")}`,
    })
    .option("out", {
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "the checkpoint, a new folder",
    })
    .options(keepNotFiniteOption);
}

export async function handler(args: ArgumentsCamelCase<ImportArguments>): Promise<void> {
  const { folder, out } = args;
  const { architecture, notes } = await importCheckpoint(folder, out, args);
  tell("import", ...notes, withArticle(architecture));
  process.stdout.write(`${out}\n`);
}
