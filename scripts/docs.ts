/** `whereabouts docs`: builds the package, and writes pages about its public API. */
import { join, resolve } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { ROOT } from "../src/node/files/root.ts";
import { writePages } from "./docs/pages.ts";
import { build } from "./pack/build.ts";
import { printText } from "./print.ts";

interface DocsArguments {
  readonly out: string;
  readonly build: boolean;
}

export const command = "docs";
export const describe = "write pages about the public API, by TypeDoc";

/** Adds this command's options. */
export function builder(yargs: Argv): Argv<DocsArguments> {
  return yargs
    .option("out", {
      type: "string",
      requiresArg: true,
      default: join(ROOT, "dist", "docs"),
      defaultDescription: "dist/docs",
      describe: "the folder that gets the pages; what it holds is removed",
    })
    .option("build", {
      type: "boolean",
      default: true,
      describe: "build the package first; --no-build takes what npm run pack has built",
    });
}

/** Prints the path of the first page. */
export async function handler(asked: ArgumentsCamelCase<DocsArguments>): Promise<void> {
  const out = resolve(asked.out);
  if (asked.build) await build();
  await writePages(out);
  printText(`${join(out, "index.html")}\n`);
}
