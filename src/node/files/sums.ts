/** SHA256SUMS of a folder on disk. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { DamagedError, parseSums, requireSum, SUMS_FILE, type Sums } from "../../sums.ts";
import { openRegularHandle, readRegularText } from "./regular.ts";

export { DamagedError, requireSum, SUMS_FILE, type Sums, sumsText } from "../../sums.ts";

/** What is said of a folder without. */
export const uncheckedNote = (path: string) =>
  `${path} is of an earlier version, which kept no hashes: its files could not be checked`;

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
  return parseSums(text, path);
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
