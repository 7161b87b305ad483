/**
 * SHA256SUMS: the hash of each file of a folder, so that files of another folder, or other bytes,
 * do not pass for its own.
 *
 * The format is that of coreutils: `sha256sum -c SHA256SUMS` in the folder checks it too. Folders
 * of earlier versions have none.
 */
import { InputError } from "./errors.ts";

export const SUMS_FILE = "SHA256SUMS";

/** SHA-256 in hex, by file. */
export type Sums = ReadonlyMap<string, string>;

const TAKE_ANOTHER = `take another step, or delete ${SUMS_FILE} to take the files as they are`;

/** What was saved is not what is there. */
export class DamagedError extends InputError {
  /** Which file, and how it differs. */
  readonly what: string;

  constructor(path: string, problem: string, remedy: string = TAKE_ANOTHER) {
    const what = `${path}: ${problem}`;
    super(`${what}; ${remedy}`);
    this.what = what;
  }
}

/** Content of SHA256SUMS. */
export function sumsText(sums: Readonly<Record<string, string>>): string {
  return Object.entries(sums)
    .map(([file, sum]) => `${sum}  ${file}\n`)
    .join("");
}

/**
 * The hashes of such a list, by file.
 *
 * @throws DamagedError where it is no such list
 */
export function parseSums(text: string, path: string): Sums {
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
 * Lets a file pass that has the hash that was saved.
 *
 * @param sum undefined where none was saved
 * @param found undefined where there is no file
 * @param remedy what a person does then
 * @throws DamagedError with both hashes
 */
export function requireSum(
  path: string,
  sum: string | undefined,
  found: string | undefined,
  remedy?: string,
): void {
  if (sum === undefined || found === sum) return;
  const short = (hash: string) => hash.slice(0, 12);
  const what =
    found === undefined
      ? "is missing"
      : `is not what was saved (sha256 ${short(found)}…, was ${short(sum)}…)`;
  throw new DamagedError(path, what, remedy);
}
