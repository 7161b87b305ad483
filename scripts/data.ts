/** `whereabouts data CORPUS`: fetches a corpus ahead of the training that needs it. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { corpora } from "../src/data/text.ts";
import { InputError } from "../src/errors.ts";
import { fetchCorpus } from "../src/node/run/data.ts";
import { quantity } from "../src/quantity.ts";
import { loadWatched, ownOptions } from "./own-option.ts";
import { printText, say } from "./print.ts";

interface DataArguments {
  readonly name?: string | undefined;
  readonly corpus?: string | undefined;
}

export const command = "data [name]";
export const describe = "fetch or make a corpus; training does so too where it is missing";

export function builder(yargs: Argv) {
  return yargs
    .positional("name", { choices: corpora, describe: "which text" })
    .option("corpus", { ...ownOptions.corpus, describe: "a file that exports a corpus of your own" });
}

export async function handler({ name, corpus }: ArgumentsCamelCase<DataArguments>): Promise<void> {
  if ((name === undefined) === (corpus === undefined)) {
    const wrong = name === undefined ? "no corpus was given" : `"${name}" was given beside --corpus`;
    throw new InputError(`data: ${wrong}; give a name (${corpora.join(", ")}) or --corpus FILE`);
  }
  const own = await loadWatched({ corpus });
  const parts = await fetchCorpus(name ?? (own.corpus?.definition.name as string), { tell: say, own }); // one of both was given
  for (const split of ["train", "heldout"] as const) {
    const bytes = parts[split].reduce((sum, { start, end }) => sum + end - start, 0);
    process.stdout.write(`${split}: ${quantity(parts[split].length, "file")}, ${bytes} bytes\n`);
    for (const { path } of parts[split]) printText(`  ${path}\n`);
  }
}
