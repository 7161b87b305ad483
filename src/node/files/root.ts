/** The folder of this program: that of a clone, or of the installed package, where what is built lies deeper. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** It holds package.json, models/ and data/. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : rootAbove(dirname(folder));
}

/** Whether this is a clone: its node_modules are the project's own, and not those of a user's. */
export const IS_CLONE = import.meta.url.endsWith(".ts");
