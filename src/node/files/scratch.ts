/** Folders for what is needed for a while, where the disk of temporary files may be full or missing. */
import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCause } from "./system-errors.ts";

/** What makes a folder of a random name, in the order in which places are tried. */
const MAKERS: readonly (() => string)[] = [
  () => mkdtempSync(join(tmpdir(), "whereabouts-")),
  () => mkdtempSync(join("/dev/shm", "whereabouts-")),
  () => mkdtempSync(join(process.cwd(), ".whereabouts-")),
];

/**
 * Runs `use` with a new folder, which is removed after it; where that cannot be written, again in
 * the next place.
 *
 * @throws the first error of the system when no place will do
 */
export function inScratchFolder<T>(use: (folder: string) => T): T {
  let first: unknown;
  for (const make of MAKERS) {
    let folder: string | undefined;
    try {
      folder = make();
      return use(folder);
    } catch (error) {
      if (systemCause(error) === undefined) throw error;
      first ??= error;
    } finally {
      if (folder !== undefined) remove(folder);
    }
  }
  throw first;
}

/**
 * A new folder where there is the most room, removed when the process exits; undefined when there
 * is none.
 */
export function scratchFolder(): string | undefined {
  const made = MAKERS.flatMap((make) => {
    try {
      const folder = make();
      return [{ folder, room: roomIn(folder) }];
    } catch (error) {
      if (systemCause(error) === undefined) throw error;
      return [];
    }
  });
  made.sort((a, b) => b.room - a.room);
  for (const { folder } of made.slice(1)) remove(folder);
  const roomiest = made[0]?.folder;
  if (roomiest !== undefined) process.once("exit", () => remove(roomiest));
  return roomiest;
}

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });

/** Bytes that can be written to a folder: 0 where that is not allowed. */
export function roomIn(folder: string): number {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
