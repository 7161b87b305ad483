/**
 * Which entries of a folder of compiled code were found whole since the machine was started.
 *
 * What cuts a file short is a power failure, or a disk that fails. A process that lives in the boot
 * in which another one hashed an entry need not do so again, if it is the same file still: of the
 * same inode and size, and never written, renamed or touched since.
 */
import { renameSync, rmSync, type Stats, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processIdentity } from "../files/process-identity.mjs";
import { readRegularText } from "../files/regular.ts";

const LIST = "whole.json";

/** As written; of another content no mark is that of a file. */
interface List {
  readonly boot: string;
  readonly entries: Readonly<Record<string, string>>;
}

/** Whether a name in the folder is the list's, or of one that is being written. */
export const isListOfWhole = (name: string): boolean => name.startsWith(LIST);

/** Changes with each change of a file: nobody can set the time of its last change of status. */
export const markOf = ({ ino, size, ctimeMs }: Stats): string => `${ino} ${size} ${ctimeMs}`;

/** Name → mark of what was found whole in this boot; empty where that cannot be known. */
export function readWhole(folder: string): ReadonlyMap<string, string> {
  try {
    const { boot, entries } = JSON.parse(readRegularText(join(folder, LIST))) as List;
    return new Map(boot === processIdentity().boot ? Object.entries(entries) : []);
  } catch {
    return new Map(); // none yet, or damaged: everything is hashed
  }
}

/**
 * Writes the list, unless it says so already. Of two processes that write, the last one stands: what
 * the other found is hashed once more.
 */
export function writeWhole(
  folder: string,
  whole: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, string>,
): void {
  const { boot } = processIdentity();
  if (boot === undefined) return; // only Linux tells
  if (whole.size === known.size && [...whole].every(([name, mark]) => known.get(name) === mark)) return;
  const staged = join(folder, `${LIST}.${process.pid}`);
  try {
    writeFileSync(staged, JSON.stringify({ boot, entries: Object.fromEntries(whole) }), { flag: "wx" });
    renameSync(staged, join(folder, LIST));
  } finally {
    rmSync(staged, { force: true });
  }
}
