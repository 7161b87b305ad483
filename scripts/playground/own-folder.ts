/** The folder that a build empties. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../src/errors.ts";
import { readRegularText } from "../../src/node/files/regular.ts";

const BUILT = ["assets", "engine", "index.html", "models"];
/** Stands in the head of every page that was built. */
const TITLE = "<title>whereabouts: ";

/**
 * The folder is missing, empty, or holds a page that was built before and nothing else.
 *
 * @throws InputError that names what is there
 */
export function requireOwnFolder(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory())
    throw new InputError(`playground: ${folder} is no folder; give another --out`);
  const names = readdirSync(folder);
  const page = join(folder, "index.html");
  const isBuilt = names.includes("index.html") && readRegularText(page).includes(TITLE);
  const others = isBuilt ? names.filter((name) => !BUILT.includes(name)) : names;
  if (others.length === 0) return;
  const some = others.slice(0, 3).join(", ") + (others.length > 3 ? `, … (${others.length} in all)` : "");
  throw new InputError(
    `playground: ${folder} holds what this command has not built (${some}), and a build empties it; give another --out, or an empty folder`,
  );
}
