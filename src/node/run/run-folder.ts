/** Which folders are runs: a text in a folder is not made of the runs that were trained on it. */
import { readdirSync } from "node:fs";
import { readRunJson } from "./run-json.ts";

/**
 * Whether a folder is a run's: it has a run.json of ours, or holds nothing yet but the lock of a
 * run that begins.
 */
export function isRunFolder(path: string): boolean {
  let names: string[];
  try {
    names = readdirSync(path);
    if (names.includes("run.json")) return readRunJson(path) !== undefined;
  } catch {
    return false; // no folder, or a run.json of somebody else's
  }
  return names.length > 0 && names.every((name) => /^lock\b/.test(name));
}
