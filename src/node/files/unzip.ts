/**
 * Reads a zip archive, which a wheel is: the central directory, then single members, each checked
 * by size and CRC. Zip64 is not needed: the wheels are below 4 GB and have fewer than 65,535
 * members.
 *
 * Kept instead of yauzl, which leaves the CRC to its caller: here a hostile archive meets one
 * reader, whose refusals are tests.
 *
 * PKWARE, APPNOTE.TXT 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16.
 */
import { createReadStream, createWriteStream, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { makeFolder } from "./make-folder.mjs";
import { FOLDER_MODE } from "./ownership.ts";

/** One member of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
  /** Unix permission bits, 0 where the archive has none. */
  readonly mode: number;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
/** The end record is 22 bytes and may carry a comment of up to 65,535. */
const END_SEARCH = 22 + 65_535;

/** Lists the members of an archive. */
export async function readEntries(archive: string): Promise<ZipEntry[]> {
  const file = await open(archive, "r");
  try {
    const { size } = await file.stat();
    const tail = await readAt(file, Math.max(0, size - END_SEARCH), Math.min(size, END_SEARCH));
    const end = findEnd(tail);
    if (end < 0) throw new Error(`unzip: ${archive} has no end record, so it is not a whole zip archive`);
    const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    return parseDirectory(directory, tail.readUInt16LE(end + 10), archive);
  } finally {
    await file.close();
  }
}

/**
 * Writes one member to a new file and syncs it to disk, without holding it in memory.
 *
 * @param moved takes the bytes written since its last call.
 * @throws Error when the member is damaged; the file written so far is left to the caller's folder.
 */
export async function extract(
  archive: string,
  entry: ZipEntry,
  target: string,
  moved: (bytes: number) => void = () => {},
): Promise<void> {
  if (entry.method !== 0 && entry.method !== 8) {
    throw new Error(
      `unzip: ${entry.name} is packed by method ${entry.method}, expected 0 (stored) or 8 (deflate)`,
    );
  }
  makeFolder(dirname(target), FOLDER_MODE);
  const file = await open(archive, "r");
  const start = await dataOffset(file, entry).finally(() => file.close());
  let crc = 0;
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc);
      bytes += chunk.length;
      moved(chunk.length);
      done(
        bytes > entry.bytes ? new Error(`unzip: ${entry.name} is longer than ${entry.bytes} bytes`) : null,
        chunk,
      );
    },
  });
  await pipeline(
    entry.packedBytes === 0 // a stream cannot end before its start
      ? new PassThrough().end()
      : createReadStream(archive, { start, end: start + entry.packedBytes - 1, highWaterMark: 1 << 20 }),
    entry.method === 8 ? createInflateRaw({ chunkSize: 1 << 20 }) : new PassThrough(),
    meter,
    createWriteStream(target, {
      flags: "wx",
      flush: true,
      mode: modeOf(entry),
      highWaterMark: 1 << 22,
    }),
  );
  check(entry, bytes, crc);
}

/** Writes many small members below a folder, each read into memory and checked; not synced. */
export async function extractSmall(
  archive: string,
  entries: readonly ZipEntry[],
  folder: string,
): Promise<void> {
  const file = await open(archive, "r");
  try {
    for (const entry of entries) {
      const packed = await readAt(file, await dataOffset(file, entry), entry.packedBytes);
      const content =
        entry.method === 8 ? inflateRawSync(packed, { maxOutputLength: entry.bytes + 1 }) : packed;
      check(entry, content.length, crc32(content));
      const target = join(folder, entry.name);
      makeFolder(dirname(target), FOLDER_MODE);
      writeFileSync(target, content, { flag: "wx", mode: modeOf(entry) });
    }
  } finally {
    await file.close();
  }
}

/** As packed, but that nobody else may write, whatever the umask. */
const modeOf = ({ mode }: ZipEntry): number => (mode || 0o644) & FOLDER_MODE;

function check(entry: ZipEntry, bytes: number, crc: number): void {
  if (bytes === entry.bytes && crc === entry.crc) return;
  throw new Error(
    `unzip: ${entry.name} is damaged: ${bytes} of ${entry.bytes} bytes, CRC ${crc} for ${entry.crc}`,
  );
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - 22; at >= 0; at--) if (tail.readUInt32LE(at) === END_SIGNATURE) return at;
  return -1;
}

function parseDirectory(directory: Buffer, count: number, archive: string): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw new Error(`unzip: the directory of ${archive} breaks off after ${i} of ${count} members`);
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const name = directory.toString("utf8", at + 46, at + 46 + nameBytes);
    if (name.startsWith("/") || name.split("/").includes("..")) {
      throw new Error(`unzip: ${archive} has a member outside its folder: ${name}`);
    }
    entries.push({
      name,
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
      mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * The local header repeats the name and has its own extra field, so the data begin where only it
 * can tell.
 */
async function dataOffset(file: FileHandle, entry: ZipEntry): Promise<number> {
  const header = await readAt(file, entry.offset, 30);
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new Error(`unzip: ${entry.name} has no local header`);
  return entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length)
    throw new Error(`unzip: read ${bytesRead} of ${length} bytes at ${position}; truncated`);
  return buffer;
}
