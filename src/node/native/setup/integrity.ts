/**
 * Whether files are what set-up made of them. A truncated library ends a process with SIGBUS, and
 * one with other bytes by an assertion of the loader: both must be known before it is loaded.
 *
 * Reading 850 MB at each start would take seconds. So a hash is taken again only where size or time
 * of a file are not as they were, or where a start has failed.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorCode } from "../../files/system-errors.ts";

/** Names of files below one folder, each with its size in bytes. */
export const fileSizes = z.record(z.string(), z.int().min(0));
export type FileSizes = Readonly<z.infer<typeof fileSizes>>;

/** Names of files below one folder, each with its hash, and when it was last changed. */
export const fileMarks = z.record(z.string(), z.object({ sha256: z.string(), mtimeMs: z.number() }));
export type FileMarks = Readonly<z.infer<typeof fileMarks>>;

/** "full" takes every hash. */
export type Depth = "quick" | "full";

const CHUNK_BYTES = 2 ** 22;

/**
 * What is wrong with the first file that is not as it was made, in words.
 *
 * @param marks undefined where set-up was done by a version that took none: sizes alone then count
 */
export function faultIn(
  folder: string,
  sizes: FileSizes,
  marks: FileMarks | undefined,
  depth: Depth,
): string | undefined {
  for (const [name, bytes] of Object.entries(sizes)) {
    const fault = faultOf(name, join(folder, name), bytes, marks?.[name], depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOf(
  name: string,
  path: string,
  bytes: number,
  mark: FileMarks[string] | undefined,
  depth: Depth,
): string | undefined {
  try {
    const found: Stats = statSync(path);
    if (!found.isFile()) return `${name} is not a file`;
    if (found.size !== bytes) return `${name} has ${found.size} of ${bytes} bytes`;
    if (mark === undefined || (depth === "quick" && sameTime(found.mtimeMs, mark.mtimeMs))) return undefined;
    return hashOf(path) === mark.sha256 ? undefined : `${name} has other bytes than were set up`;
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return code === "ENOENT" || code === "ENOTDIR"
      ? `${name} is missing`
      : `${name} cannot be read (${code})`;
  }
}

/** Archives and images of containers keep whole seconds. */
const sameTime = (a: number, b: number): boolean => Math.floor(a / 1000) === Math.floor(b / 1000);

/** Hashes and times of files as they are now. */
export function marksOf(folder: string, names: Iterable<string>): FileMarks {
  const marks: Record<string, FileMarks[string]> = {};
  for (const name of names) {
    const path = join(folder, name);
    marks[name] = { sha256: hashOf(path), mtimeMs: statSync(path).mtimeMs };
  }
  return marks;
}

/** SHA-256 of a file, in hex. */
export function hashOf(path: string): string {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = openSync(path, "r");
  try {
    if (!fstatSync(file).isFile()) return "not a file";
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk))
      hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

/** SHA-256 of bytes, in hex. */
export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
