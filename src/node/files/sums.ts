/**
 * SHA256SUMS: the hash of each file of a folder, so that files of another folder, or other bytes,
 * do not pass for its own.
 *
 * The format is that of coreutils: `sha256sum -c SHA256SUMS` in the folder checks it too. Folders
 * of earlier versions have none.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { openRegularHandle, readRegularText } from "./regular.ts";

export const SUMS_FILE = "SHA256SUMS";

/** SHA-256 in hex, by file. */
export type Sums = ReadonlyMap<string, string>;

/** What was saved is not what is there. */
export class DamagedError extends InputError {
  /** Which file, and how it differs. */
  readonly what: string;

  constructor(path: string, problem: string) {
    const what = `${path}: ${problem}`;
    super(`${what}; take another step, or delete ${SUMS_FILE} to take the files as they are`);
    this.what = what;
  }
}

/** What is said of a folder without. */
export const uncheckedNote = (path: string) =>
  `${path} is of an earlier version, which kept no hashes: its files could not be checked`;

/** Content of SHA256SUMS. */
export function sumsText(sums: Readonly<Record<string, string>>): string {
  return Object.entries(sums)
    .map(([file, sum]) => `${sum}  ${file}\n`)
    .join("");
}

/**
 * The hashes that a folder names, by file; undefined where it names none.
 *
 * @throws DamagedError where SHA256SUMS is not such a list
 */
export function readSums(folder: string): Sums | undefined {
  const path = join(folder, SUMS_FILE);
  let text: string;
  try {
    text = readRegularText(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${path}: cannot be read (${code}); check the path`, { cause });
  }
  const sums = new Map<string, string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const [, sum, file] = /^([0-9a-f]{64}) [ *]([^/\\]+)$/.exec(line) ?? [];
    if (sum === undefined || file === undefined) throw new DamagedError(path, "is not a list of hashes");
    sums.set(file, sum);
  }
  if (sums.size === 0 || !text.endsWith("\n")) throw new DamagedError(path, "is cut off");
  return sums;
}

/**
 * Checks each file that a folder names.
 *
 * @param required files that the list has to name
 * @param readLater files that are left to the caller, who checks the very bytes that it reads: by
 *   another read a file may be another
 * @returns the hashes by file; undefined where the folder, of an earlier version, names none
 * @throws DamagedError that names the first file that is missing or another, with both hashes
 */
export async function verifySums(
  folder: string,
  required: readonly string[] = [],
  readLater: readonly string[] = [],
): Promise<Sums | undefined> {
  const sums = readSums(folder);
  if (sums === undefined) return undefined;
  const unlisted = required.find((file) => !sums.has(file));
  if (unlisted !== undefined) throw new DamagedError(join(folder, SUMS_FILE), `lacks ${unlisted}`);
  for (const [file, sum] of sums) {
    const path = join(folder, file);
    if (!readLater.includes(file)) requireSum(path, sum, await hashOf(path));
  }
  return sums;
}

/**
 * Lets a file pass that has the hash that was saved.
 *
 * @param sum undefined where none was saved
 * @param found undefined where there is no file
 * @throws DamagedError with both hashes
 */
export function requireSum(path: string, sum: string | undefined, found: string | undefined): void {
  if (sum === undefined || found === sum) return;
  const short = (hash: string) => hash.slice(0, 12);
  const what =
    found === undefined
      ? "is missing"
      : `is not what was saved (sha256 ${short(found)}…, was ${short(sum)}…)`;
  throw new DamagedError(path, what);
}

const CHUNK_BYTES = 2 ** 22;

/** SHA-256 of a file's bytes, in hex; undefined where there is none. */
export async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    const handle = await openRegularHandle(path);
    try {
      const { size } = await handle.stat();
      const buffer = new Uint8Array(Math.min(size + 1, CHUNK_BYTES)); // 4 MiB take longer than a small file
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length);
        if (bytesRead === 0) return hash.digest("hex");
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new InputError(`${path}: cannot be read (${code}); check the path and the disk`, { cause });
  }
}
