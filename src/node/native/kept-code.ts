/**
 * Machine code that XLA made, kept in the user's cache: a later process then compiles nothing that
 * an earlier one has.
 *
 * TensorFlow looks an entry up by its graph, compares the whole graph before it uses the code, and
 * renames a new entry into place. But it keeps no checksum: an entry cut short by a power failure
 * would end every run of that graph, or the process. So each gets its SHA-256 beside it once it was
 * written, and an entry without its own is removed before the first graph of a process is compiled.
 * One that was found whole since the machine was started, and is the same file still, is not hashed
 * again: a full folder would take each process a fifth of a second.
 */
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { makeFolder } from "../files/make-folder.mjs";
import { whyNotOurs } from "../files/ownership.ts";
import { roomIn } from "../files/scratch.ts";
import { isListOfWhole, markOf, readWhole, writeWhole } from "./whole-code.ts";

/** Bytes of entries that a folder keeps: some hundred graphs. The oldest go first. */
const LIMIT_BYTES = 128e6;
/** What the graphs of one run may take. */
const ROOM_BYTES = 32e6;
/** An entry this young may be one that another process has just written and not yet sealed. */
const GRACE_MS = 60_000;
/**
 * Folders that nothing was added to for so long are of another machine, or of another version of
 * TensorFlow.
 */
const FORGOTTEN_MS = 60 * 24 * 3_600_000;

const SEAL = ".sha256";
/** Ending of what TensorFlow has not finished to write: a full disk leaves it. */
const DRAFT = ".tmp";

let folder: string | undefined;
let checked = false;

/** TensorFlow's flags that keep code, or none and why. */
export interface CodeFlags {
  readonly flags: readonly string[];
  readonly reason?: string;
}

/**
 * TensorFlow's flags that keep code in a folder for this processor and these settings, such as
 * threads: code of one would not run, or give other last bits, under another. None where the folder
 * cannot be written, or by others too: then nothing is kept.
 */
export function codeFolderFlags(cache: () => string, settings: readonly unknown[]): CodeFlags {
  try {
    const key = createHash("sha256").update(JSON.stringify([settings, processor()]));
    const path = join(cache(), key.digest("hex").slice(0, 16));
    const reason = prepareCodeFolder(path);
    if (reason !== undefined) return { flags: [], reason };
    folder = path;
  } catch (error) {
    return { flags: [], reason: (error as Error).message };
  }
  const flags = [
    "--tf_xla_deterministic_cluster_names", // they are part of an entry's key, and are else numbered as they come
    "--tf_xla_persistent_cache_device_types=CPU",
    `--tf_xla_persistent_cache_directory='${folder}'`,
  ];
  return { flags };
}

/** Why code cannot be kept in a folder, which is made. */
export function prepareCodeFolder(path: string): string | undefined {
  if (path.includes("'")) return `${path}: TensorFlow takes no name with a quotation mark`;
  makeFolder(path, 0o700);
  accessSync(path, constants.W_OK);
  const strange = whyNotOurs(path);
  if (strange !== undefined) return strange;
  const room = roomIn(path); // TensorFlow makes a run fail whose code it cannot write
  return room < ROOM_BYTES ? `${path}: the disk has ${Math.floor(room / 1e6)} MB left` : undefined;
}

/** Where code is kept, if it is. */
export const codeFolder = (): string | undefined => folder;

/** Removes what a process must not load. Called before a graph is compiled; the first call does it. */
export function checkCode(): void {
  if (folder === undefined || checked) return;
  checked = true;
  forgetFolders(dirname(folder));
  removeOldest(removeUnsealed(folder, Date.now() - GRACE_MS));
}

/**
 * Writes the checksums of entries that have none. Called after the first run of a graph, which
 * compiles it.
 */
export function sealCode(): void {
  if (folder === undefined) return;
  const names = namesIn(folder);
  for (const name of names) {
    if (!isEntry(name) || name.endsWith(DRAFT) || names.has(name + SEAL)) continue;
    const entry = join(folder, name);
    quietly(() => writeFileSync(entry + SEAL, digestOf(entry)));
  }
}

/** What the processor can do. Its model is not enough: virtual machines give one name to many. */
function processor(): string {
  const model = cpus()[0]?.model ?? process.arch;
  try {
    return `${model} ${/^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]}`;
  } catch {
    return model; // not on Linux
  }
}

interface Entry {
  readonly path: string;
  readonly stat: Stats;
}

/** @returns what is left */
function removeUnsealed(path: string, before: number): Entry[] {
  const names = namesIn(path);
  const known = readWhole(path);
  const whole = new Map<string, string>();
  const left: Entry[] = [];
  for (const name of names) {
    if (!isEntry(name)) continue;
    quietly(() => {
      const entry = { path: join(path, name), stat: statSync(join(path, name)) };
      const isSealed = names.has(name + SEAL);
      const mark = markOf(entry.stat);
      const isWhole = isSealed && (known.get(name) === mark || isAsSealed(entry.path));
      if (!isWhole && (isSealed || entry.stat.mtimeMs < before)) return remove(entry.path);
      if (isWhole) whole.set(name, mark);
      left.push(entry);
    });
  }
  quietly(() => writeWhole(path, whole, known));
  return left;
}

const isAsSealed = (entry: string) => readFileSync(entry + SEAL, "utf8") === digestOf(entry);

function removeOldest(entries: readonly Entry[]): void {
  let bytes = 0;
  for (const { path, stat } of entries.toSorted((a, b) => b.stat.mtimeMs - a.stat.mtimeMs)) {
    bytes += stat.size;
    if (bytes > LIMIT_BYTES) quietly(() => remove(path));
  }
}

function forgetFolders(cache: string): void {
  quietly(() => {
    for (const name of readdirSync(cache)) {
      const path = join(cache, name);
      if (path !== folder && statSync(path).mtimeMs < Date.now() - FORGOTTEN_MS) {
        rmSync(path, { recursive: true, force: true });
      }
    }
  });
}

function namesIn(path: string): Set<string> {
  let names: string[] = [];
  quietly(() => {
    names = readdirSync(path);
  });
  return new Set(names);
}

const isEntry = (name: string) => !name.endsWith(SEAL) && !isListOfWhole(name);

const digestOf = (entry: string): string => createHash("sha256").update(readFileSync(entry)).digest("hex");

/** The entry before its seal: a seal alone is nothing. */
function remove(entry: string): void {
  rmSync(entry, { force: true });
  rmSync(entry + SEAL, { force: true });
}

/** Another process may remove what this one looks at, and a cache that fails is no reason to stop a run. */
function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
