/**
 * The one door to files that are read: what is opened is a regular file of a bounded size.
 *
 * A path that a person gave, or a name in a folder that others can write, may be anything: a read
 * from a FIFO waits for ever, one from /dev/zero never ends, and a file of a terabyte takes the
 * memory. So the path is looked at before it is opened, since opening a device may do something; it
 * is opened without waiting, and what was opened is looked at again.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { InputError } from "../../errors.ts";
import { HEAD_BYTES, wideAdvice, wideEncoding, withoutMark } from "./text-encoding.ts";

/**
 * Most bytes of a file that is read whole, unless its reader says otherwise: vocabularies of a
 * million words have less.
 */
export const MOST_BYTES = 100_000_000;

const CHUNK_BYTES = 2 ** 16;
/** Windows has no FIFO in its file system, nor this flag. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;
const READ = constants.O_RDONLY | NO_WAIT;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_WAIT;

/**
 * Opens a file for reading; the caller closes the descriptor.
 *
 * @throws InputError for what is not a regular file
 * @throws the system's error, with its code, where the path cannot be opened
 */
export function openRegular(path: string): number {
  requireRegular(path, statSync(path));
  return checked(path, openSync(path, READ));
}

/** As `openRegular`, for a file to add to, which is made where it is missing. */
export function openToAppend(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) requireRegular(path, found);
  return checked(path, openSync(path, APPEND));
}

/** As `openRegular`, for reading without blocking the process. */
export async function openRegularHandle(path: string): Promise<FileHandle> {
  requireRegular(path, statSync(path));
  const handle = await open(path, READ);
  try {
    requireRegular(path, await handle.stat());
  } catch (error) {
    await handle.close();
    throw error;
  }
  return handle;
}

/**
 * The bytes of a file.
 *
 * @throws InputError for what is not a regular file, or has more than `most` bytes
 * @throws the system's error where it cannot be read
 */
export function readRegular(path: string, most = MOST_BYTES): Buffer {
  const file = openRegular(path);
  try {
    const { size } = fstatSync(file);
    if (size > most) throw tooLong(path, most);
    return readToEnd(file, path, size, most);
  } finally {
    closeSync(file);
  }
}

/**
 * As `readRegular`, decoded as UTF-8, without its byte order mark.
 *
 * @throws InputError also where it is UTF-16 or UTF-32
 */
export function readRegularText(path: string, most = MOST_BYTES): string {
  return textOf(readRegular(path, most), path);
}

/**
 * The text of a file's bytes, without its byte order mark.
 *
 * @throws InputError where they are UTF-16 or UTF-32
 */
export function textOf(bytes: Buffer, path: string): string {
  const wide = wideEncoding(bytes.subarray(0, HEAD_BYTES));
  if (wide !== undefined) throw new InputError(wideAdvice(path, wide));
  return withoutMark(bytes.toString("utf8"));
}

/** Files of /proc say that they have no bytes, and a file may grow: what counts is where reading ends. */
function readToEnd(file: number, path: string, size: number, most: number): Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(total < size ? size - total : CHUNK_BYTES);
    const read = readSync(file, chunk);
    if (read === 0) break;
    total += read;
    if (total > most) throw tooLong(path, most);
    chunks.push(chunk.subarray(0, read));
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function checked(path: string, file: number): number {
  try {
    requireRegular(path, fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function requireRegular(path: string, found: Stats): void {
  if (found.isFile()) return;
  throw new InputError(`${path}: is ${nameOf(found)}, not a regular file; check the path`);
}

function nameOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a pipe";
  return found.isSocket() ? "a socket" : "a device";
}

function tooLong(path: string, most: number): InputError {
  return new InputError(`${path}: has more than ${most} bytes, too many for what it is; check the path`);
}
