/**
 * Files and folders that exist whole or not at all, also after kill -9 or a power cut.
 *
 * Everything is written in a staging (staging.ts), synced, renamed, and the folder that holds the
 * name is synced: a rename is atomic, and the sync before it keeps the file system from making the
 * name durable ahead of the data. Of several that write one file, such as two probes of one run,
 * the last one to end stands.
 */
import { createHash } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../../errors.ts";
import { makeFolder } from "./make-folder.mjs";
import { openStaging, type Staging } from "./staging.ts";
import { SUMS_FILE, sumsText } from "./sums.ts";
import { errorCode, writeError } from "./system-errors.ts";

export { errorCode, writeError } from "./system-errors.ts";

/** What a file is to hold: text as UTF-8, bytes, or pieces in order. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

/** The content of a JSON file that people may read: indented, with an end of line. */
export const indentedJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Most bytes of one write: a single one of 2 GiB or more is refused by Node. */
const WRITE_BYTES = 2 ** 26;

/**
 * Writes a file, replacing one of this name in one step.
 *
 * @throws InputError when the disk is full or the folder cannot be written; an older file is then unchanged
 */
export async function writeFileDurably(path: string, content: FileContent): Promise<void> {
  await staged(path, path, async (staging) => {
    await writeSynced(staging, content);
    await rename(staging, path);
  });
}

/**
 * Writes a new folder of files in one step; its parents are made as needed.
 *
 * @param files content by file name, without folders
 * @param options `sums`: the folder is to name the SHA-256 of each of its files, in SHA256SUMS
 * @throws InputError as `requireNewFolder`, or when the disk is full; nothing is left then
 */
export async function writeDirectory(
  path: string,
  files: Readonly<Record<string, FileContent>>,
  options: { readonly sums?: boolean } = {},
): Promise<void> {
  requireNewFolder(path);
  const target = resolve(path); // `m/` is `m`: what is staged goes beside it, not into it
  await staged(
    path,
    target,
    async (staging) => {
      await mkdir(staging);
      const sums: Record<string, string> = {};
      for (const [name, content] of Object.entries(files)) {
        if (/^$|^\.\.?$|[/\\\0]/.test(name))
          throw new TypeError(`writeDirectory: "${name}" is not a file name`);
        sums[name] = await writeSynced(join(staging, name), content);
      }
      if (options.sums) await writeSynced(join(staging, SUMS_FILE), sumsText(sums));
      await syncFolder(staging);
      if (kindOf(target) === "empty") await rmdir(target); // Windows renames onto no folder, not even an empty one
      await rename(staging, target);
    },
    true,
  );
}

/**
 * Makes a folder, and those above it, where they are missing.
 *
 * @throws InputError where that cannot be
 */
export function ensureFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * What can be known before a folder's content is made: it is not there yet, or is empty, and may be written.
 *
 * @throws InputError that says which
 */
export function requireNewFolder(path: string): void {
  const kind = kindOf(path);
  if (kind === "full") throw new InputError(`${path}: exists already; delete it or choose another folder`);
  let above = kind === "empty" ? resolve(path) : dirname(resolve(path));
  while (kindOf(above) === "missing" && dirname(above) !== above) above = dirname(above);
  try {
    readdirSync(above); // is a folder
    rmdirSync(mkdtempSync(join(above, ".whereabouts-"))); // root may write anywhere, but not below /proc
  } catch (error) {
    throw writeError(path, error);
  }
}

/** What is at the path of a new folder. */
function kindOf(path: string): "missing" | "empty" | "full" {
  try {
    if (!lstatSync(path).isDirectory()) return "full";
    return readdirSync(path).length === 0 ? "empty" : "full";
  } catch (error) {
    return errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR" ? "missing" : "full";
  }
}

async function staged(
  path: string,
  target: string,
  work: (staging: string) => Promise<void>,
  withParents = false,
): Promise<void> {
  let staging: Staging | undefined;
  try {
    if (withParents) makeFolder(dirname(target));
    staging = await openStaging(target);
    await work(staging.path);
    await syncFolder(dirname(target));
  } catch (error) {
    throw writeError(path, error);
  } finally {
    await staging?.close().catch(() => {}); // a failure here must not hide the one that led here
  }
}

/** @returns SHA-256 of what was written, in hex */
async function writeSynced(path: string, content: FileContent): Promise<string> {
  const handle = await open(path, "wx");
  const hash = createHash("sha256");
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    for (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      hash.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let at = 0;
  while (at < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, at, Math.min(chunk.length - at, WRITE_BYTES));
    at += bytesWritten;
  }
}

/** Makes names in a folder durable. Windows has no such call, and some network file systems refuse it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!["EINVAL", "ENOTSUP", "ENOSYS"].includes(errorCode(error) ?? "")) throw error;
  } finally {
    await handle.close();
  }
}
