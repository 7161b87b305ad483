/** The two records of a set-up: one beside the libraries in the cache, one beside the addon in a clone. */
import { randomUUID } from "node:crypto";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readRegularText } from "../../files/regular.ts";
import { fileMarks, fileSizes } from "./integrity.ts";

/** Written into a library's folder before it gets its name. */
const libraryRecord = z.object({
  /** Of all wheels that it was unpacked from. */
  wheelSha256: z.string(),
  files: fileSizes,
  /** Missing where an earlier version did the set-up; clones of one read `files`. */
  marks: fileMarks.optional(),
});
export type LibraryRecord = z.infer<typeof libraryRecord>;

/** Written beside the addon in a clone when its set-up has ended. */
const installRecord = z.object({
  tensorflow: z.string(),
  /** Folder of the libraries, in the user's cache. */
  library: z.string(),
  libraryFiles: fileSizes,
  /** Hash of what the addon was built from. */
  addonKey: z.string(),
  /** Hash of our own part of it. */
  ownSources: z.string(),
  addonBytes: z.int(),
  addonSha256: z.string().optional(),
});
export type InstallRecord = z.infer<typeof installRecord>;

/** Name of the record, both in the cache and in a clone. */
export const RECORD_NAME = "whereabouts.json";

export const readLibraryRecord = (folder: string) => read(folder, libraryRecord);
export const readInstallRecord = (folder: string) => read(folder, installRecord);

/** The record in a folder, or undefined when there is none that can be read. */
function read<S extends z.ZodType>(folder: string, schema: S): z.infer<S> | undefined {
  try {
    return schema.parse(JSON.parse(readRegularText(join(folder, RECORD_NAME))));
  } catch {
    return undefined;
  }
}

/**
 * Keeps the times of files whose hashes were just found right, so that they are not taken at each
 * start of a cache that was copied.
 */
export function keepTimes(folder: string, record: LibraryRecord): void {
  const { marks } = record;
  if (marks === undefined) return;
  try {
    const now = Object.entries(marks).map(([name, mark]) => {
      return [name, { ...mark, mtimeMs: statSync(join(folder, name)).mtimeMs }] as const;
    });
    if (now.every(([name, { mtimeMs }]) => mtimeMs === marks[name]?.mtimeMs)) return;
    replaceRecord(folder, { ...record, marks: Object.fromEntries(now) });
  } catch {
    // The cache of another user is only read.
  }
}

/** In one step. Not synced: the record before it was as good. */
export function replaceRecord(folder: string, record: LibraryRecord): void {
  const draft = join(folder, `${RECORD_NAME}.${randomUUID()}.tmp`);
  try {
    writeFileSync(draft, JSON.stringify(record, null, 2));
    renameSync(draft, join(folder, RECORD_NAME));
  } finally {
    rmSync(draft, { force: true });
  }
}
