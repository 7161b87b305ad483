/** `whereabouts pack`: builds the package and packs it, as `npm install` takes it. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { InputError } from "../src/errors.ts";
import { runCommand } from "../src/node/files/command.ts";
import { ensureFolder } from "../src/node/files/durable.ts";
import { ROOT } from "../src/node/files/root.ts";
import { build } from "./pack/build.ts";
import { printText } from "./print.ts";

interface PackArguments {
  readonly out: string;
}

export const command = "pack";
export const describe = "build the package, and pack it for npm install";

export function builder(yargs: Argv): Argv<PackArguments> {
  return yargs.option("out", {
    type: "string",
    requiresArg: true,
    default: ".",
    describe: "the folder that gets the tarball",
  });
}

/** Prints the path of the tarball. */
export async function handler({ out }: ArgumentsCamelCase<PackArguments>): Promise<void> {
  const folder = resolve(out);
  ensureFolder(folder);
  await build();
  const pack = ["npm", "pack", "--silent", "--pack-destination", folder] as const;
  const { code, output } = await runCommand(pack, { cwd: ROOT });
  const name = output.trim().split("\n").at(-1) ?? "";
  if (code !== 0 || !readdirSync(folder).includes(name))
    throw new InputError(`pack: npm pack ends with code ${code}: ${output}; mend what it says`);
  printText(`${join(folder, name)}\n`);
}
