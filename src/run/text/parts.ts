/**
 * Which bytes of which files are trained on, and which are held out: a tenth.
 *
 * Of ten files or more, whole files are held out, chosen by a hash of their names; of fewer, the last tenth of each, from the
 * beginning of a line on. Neither depends on the seed, so runs with different seeds are judged by the same text.
 */
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Split } from "../../data/data.ts";
import { InputError } from "../../errors.ts";
import { attempt, leadFrom, readBytes, type TextPart } from "./read.ts";

export type SplitParts = Readonly<Record<Split, readonly TextPart[]>>;

const SHARE = 0.1;
/** With fewer files, a tenth of them is none. */
const FILES_TO_SPLIT = 10;
/** How far to look for the beginning of a line. */
const SEARCH_BYTES = 2 ** 16;

interface TextFile {
  /** From the folder given, with slashes: what is hashed must be equal on every machine. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** @throws InputError where there is no file, or nothing in them. */
export function splitParts(path: string): SplitParts {
  const files = listFiles(path).filter(({ bytes }) => bytes > 0);
  if (files.length === 0) throw new InputError(`${path}: holds no text; give a file or a folder of files`);
  const chosen = files.length < FILES_TO_SPLIT ? [] : chooseFiles(files);
  if (chosen.length === 0) return cutEach(files);
  return {
    heldout: files.filter((file) => chosen.includes(file)).map(whole),
    train: files.filter((file) => !chosen.includes(file)).map(whole),
  };
}

/** The files of a folder, none cut. */
export function wholeFiles(folder: string): TextPart[] {
  return listFiles(folder).map(whole);
}

const whole = ({ path, bytes }: TextFile): TextPart => ({ path, start: 0, end: bytes });

/** All bytes of both splits, in order: the same hash means the same text, split the same way. */
export async function fingerprintOf(parts: SplitParts): Promise<string> {
  const hash = createHash("sha256");
  for (const split of ["train", "heldout"] as const) {
    for (const part of parts[split]) {
      hash.update(`${split} ${part.end - part.start}\n`);
      for (const bytes of readBytes(part)) {
        hash.update(bytes);
        await new Promise<void>((resolve) => setImmediate(resolve)); // signals have their turn
      }
    }
  }
  return hash.digest("hex");
}

/** The regular files of a folder and below, by name; names that begin with a dot are left out. */
function listFiles(path: string): TextFile[] {
  const status = attempt(path, () => statSync(path));
  if (!status.isDirectory()) return [{ name: "", path, bytes: status.size }];
  const names = attempt(path, () => readdirSync(path, { recursive: true, encoding: "utf8" }));
  return names
    .map((name) => ({ name: name.replaceAll("\\", "/"), path: join(path, name) }))
    .filter(({ name }) => !name.split("/").some((part) => part.startsWith(".")))
    .map((file) => ({ ...file, status: attempt(file.path, () => statSync(file.path)) }))
    .filter((file) => file.status.isFile())
    .map(({ name, path: file, status: { size } }) => ({ name, path: file, bytes: size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files of about a tenth of the bytes; none that would make it more than a fifth. */
function chooseFiles(files: readonly TextFile[]): TextFile[] {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const hash = ({ name }: TextFile) => createHash("sha256").update(name).digest("hex");
  const chosen: TextFile[] = [];
  let held = 0;
  for (const file of [...files].sort((a, b) => (hash(a) < hash(b) ? -1 : 1))) {
    if (held >= SHARE * total) break;
    if (held + file.bytes > 2 * SHARE * total) continue;
    chosen.push(file);
    held += file.bytes;
  }
  return chosen;
}

function cutEach(files: readonly TextFile[]): SplitParts {
  const cut = files.map((file) => ({ ...file, at: cutOf(file) }));
  const parts = {
    train: cut.map(({ path, at }) => ({ path, start: 0, end: at })),
    heldout: cut.map(({ path, at, bytes }) => ({ path, start: at, end: bytes })),
  };
  const some = (part: TextPart) => part.end > part.start;
  return { train: parts.train.filter(some), heldout: parts.heldout.filter(some) };
}

/** The first beginning of a line in the last tenth, else of a character. */
function cutOf({ path, bytes }: TextFile): number {
  const from = Math.floor((1 - SHARE) * bytes);
  const [found = new Uint8Array()] = readBytes({
    path,
    start: from,
    end: Math.min(bytes, from + SEARCH_BYTES),
  });
  const line = found.indexOf(0x0a) + 1;
  return from + (line > 0 && from + line < bytes ? line : leadFrom(found, 0));
}
