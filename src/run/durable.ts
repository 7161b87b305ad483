/**
 * Files and folders that exist whole or not at all, also after kill -9 or a power cut.
 *
 * Everything is written under `NAME.tmp`, synced, renamed, and the folder that holds the name is synced: a rename is atomic,
 * and the sync before it keeps the file system from making the name durable ahead of the data. What a crash leaves behind
 * ends in `.tmp`: a folder that was staged is removed by its next writer, of which there is one (lock.ts). A file may have several,
 * such as two probes of one run, so each stages it under a name of its own, and the last one to end stands.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { errorCode, writeError } from "../files/system-errors.ts";

export { errorCode, writeError } from "../files/system-errors.ts";

/** What a file is to hold: text as UTF-8, bytes, or pieces in order. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

/** Ending of names that are not finished. */
export const STAGING = ".tmp";

/** Most bytes of one write: a single one of 2 GiB or more is refused by Node. */
const WRITE_BYTES = 2 ** 26;

/**
 * Writes a file, replacing one of this name in one step.
 *
 * @throws InputError when the disk is full or the folder cannot be written; an older file is then unchanged
 */
export async function writeFileDurably(path: string, content: FileContent): Promise<void> {
  const staging = `${path}.${process.pid}-${randomBytes(6).toString("hex")}${STAGING}`;
  try {
    await writeSynced(staging, content);
    await rename(staging, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await discard(staging);
    throw writeError(path, error);
  }
}

/**
 * Writes a new folder of files in one step; its parents are made as needed.
 *
 * @param files content by file name, without folders
 * @throws InputError when the folder exists already, the disk is full or the parent cannot be written; nothing is left then
 */
export async function writeDirectory(
  path: string,
  files: Readonly<Record<string, FileContent>>,
): Promise<void> {
  const staging = path + STAGING;
  if (await exists(path)) {
    throw new InputError(`${path}: exists already; delete it or choose another folder`);
  }
  try {
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      if (/^$|^\.\.?$|[/\\\0]/.test(name))
        throw new TypeError(`writeDirectory: "${name}" is not a file name`);
      await writeSynced(join(staging, name), content);
    }
    await syncFolder(staging);
    await rename(staging, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await discard(staging);
    throw writeError(path, error);
  }
}

async function writeSynced(path: string, content: FileContent): Promise<void> {
  const handle = await open(path, "wx");
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    for (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) await writeAll(handle, chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
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

/** Removes what was staged; a failure here must not hide the one that led here. */
async function discard(staging: string): Promise<void> {
  await rm(staging, { recursive: true, force: true }).catch(() => {});
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
