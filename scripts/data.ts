/** `whereabouts data CORPUS`: fetches a corpus ahead of the training that needs it. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { corpora } from "../src/data/text.ts";
import { fetchCorpus } from "../src/node/run/data.ts";
import { printText, say } from "./print.ts";

interface DataArguments {
  readonly corpus: (typeof corpora)[number];
}

export const command = "data <corpus>";
export const describe = "fetch a corpus; training does so too where it is missing";

export function builder(yargs: Argv) {
  return yargs.positional("corpus", { choices: corpora, demandOption: true, describe: "which text" });
}

export async function handler({ corpus }: ArgumentsCamelCase<DataArguments>): Promise<void> {
  const parts = await fetchCorpus(corpus, { tell: say });
  for (const split of ["train", "heldout"] as const) {
    const bytes = parts[split].reduce((sum, { start, end }) => sum + end - start, 0);
    process.stdout.write(`${split}: ${parts[split].length} files, ${bytes} bytes\n`);
    for (const { path } of parts[split]) printText(`  ${path}\n`);
  }
}
