/**
 * Which bytes of which files are trained on, and which are held out: a tenth of the bytes.
 *
 * Of ten files or more, whole files are held out, chosen by a hash of their names: a tenth to a
 * fifth of the bytes. Fewer files, and those so large that whole files do not make a tenth, give
 * their last tenth each, from the beginning of a line on where that leaves a twentieth of the file.
 * Neither depends on the seed, so runs with different seeds are judged by the same text.
 */
import { createHash } from "node:crypto";
import type { Split } from "../../../data/data.ts";
import { InputError } from "../../../errors.ts";
import { listFiles, type TextFile } from "./files.ts";
import { leadFrom, readBytes, type TextPart } from "./read.ts";

export type SplitParts = Readonly<Record<Split, readonly TextPart[]>>;

const SHARE = 0.1;
/** With fewer files, a tenth of them is none. */
const FILES_TO_SPLIT = 10;
/** How far to look for the beginning of a line. */
const SEARCH_BYTES = 2 ** 16;

/** @throws InputError where there is no file, or nothing in them. */
export async function splitParts(path: string, signal?: AbortSignal): Promise<SplitParts> {
  const files = (await listFiles(path, signal)).filter(({ bytes }) => bytes > 0);
  if (files.length === 0) throw new InputError(`${path}: holds no text; give a file or a folder of files`);
  const { held, cut } = chooseFiles(files);
  const places = files.map((file) => {
    const at = cut.has(file) ? cutOf(file) : held.has(file) ? 0 : file.bytes;
    return { path: file.path, at, bytes: file.bytes };
  });
  const some = (part: TextPart) => part.end > part.start;
  return {
    train: places.map(({ path: file, at }) => ({ path: file, start: 0, end: at })).filter(some),
    heldout: places.map(({ path: file, at, bytes }) => ({ path: file, start: at, end: bytes })).filter(some),
  };
}

/** The files of a folder, none cut. */
export async function wholeFiles(folder: string): Promise<TextPart[]> {
  return (await listFiles(folder)).map(({ path, bytes }) => ({ path, start: 0, end: bytes }));
}

/** Files that are held out whole, and files that are cut. */
interface Choice {
  readonly held: ReadonlySet<TextFile>;
  readonly cut: ReadonlySet<TextFile>;
}

/**
 * Whole files, and where they do not make a tenth: the files of more than a tenth of the bytes are
 * cut, and the others are split by the same rule among themselves.
 */
function chooseFiles(files: readonly TextFile[]): Choice {
  const cut = new Set<TextFile>();
  for (let rest = byHash(files); ; rest = rest.filter((file) => !cut.has(file))) {
    const total = rest.reduce((sum, { bytes }) => sum + bytes, 0);
    const held = rest.length < FILES_TO_SPLIT ? undefined : tenthOf(rest, total);
    if (held !== undefined) return { held, cut };
    const large = rest.filter(({ bytes }) => rest.length < FILES_TO_SPLIT || bytes > SHARE * total);
    for (const file of large) cut.add(file);
    if (large.length === rest.length) return { held: new Set(), cut };
  }
}

function byHash(files: readonly TextFile[]): TextFile[] {
  const hashed = files.map((file) => ({
    file,
    hash: createHash("sha256").update(file.name).digest("hex"),
  }));
  return hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ file }) => file);
}

/**
 * The first files that make a tenth of the bytes and no more than a fifth. Where none is of more
 * than a tenth, there are some.
 */
function tenthOf(files: readonly TextFile[], total: number): Set<TextFile> | undefined {
  const held = new Set<TextFile>();
  let bytes = 0;
  for (const file of files) {
    if (bytes >= SHARE * total) break;
    if (bytes + file.bytes > 2 * SHARE * total) continue;
    held.add(file);
    bytes += file.bytes;
  }
  return bytes >= SHARE * total ? held : undefined;
}

/** The first beginning of a line in the last tenth, else of a character; half of the tenth stays at least. */
function cutOf({ path, bytes }: TextFile): number {
  const from = Math.max(1, Math.floor((1 - SHARE) * bytes)); // a file of one byte is trained on
  const end = Math.min(bytes, from + SEARCH_BYTES);
  const [found = new Uint8Array()] = readBytes({ path, start: from, end });
  const line = found.indexOf(0x0a) + 1;
  const least = (SHARE / 2) * bytes;
  return from + (line > 0 && bytes - from - line >= least ? line : leadFrom(found, 0));
}
