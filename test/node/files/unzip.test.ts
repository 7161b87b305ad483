import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { extract, extractSmall, readEntries, type ZipEntry } from "../../../src/node/files/unzip.ts";
import { makeZip } from "./zip.ts";

const MEMBERS = {
  "a/long.txt": "where ".repeat(5_000),
  "a/empty.txt": "",
  "b.stored": Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251)),
};

let folder: string;
let archive: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unzip-"));
  archive = join(folder, "a.zip");
  writeFileSync(archive, makeZip(MEMBERS));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function entry(name: string): Promise<ZipEntry> {
  const found = (await readEntries(archive)).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

test("what comes out of the archive is what went in", async () => {
  const entries = await readEntries(archive);
  expect(entries.map(({ name }) => name)).toEqual(Object.keys(MEMBERS));
  let moved = 0;
  for (const one of entries)
    await extract(archive, one, join(folder, "streamed", one.name), (n) => (moved += n));
  await extractSmall(archive, entries, join(folder, "small"));
  for (const [name, content] of Object.entries(MEMBERS)) {
    expect(readFileSync(join(folder, "streamed", name)).equals(Buffer.from(content))).toBe(true);
    expect(readFileSync(join(folder, "small", name)).equals(Buffer.from(content))).toBe(true);
  }
  expect(moved).toBe(Object.values(MEMBERS).reduce((sum, content) => sum + content.length, 0));
});

test("a truncated archive is refused", async () => {
  writeFileSync(archive, makeZip(MEMBERS).subarray(0, -30));
  await expect(readEntries(archive)).rejects.toThrow("is not a whole zip archive");
});

test("a member whose bytes have changed is refused by its CRC", async () => {
  const bytes = makeZip(MEMBERS);
  const at = bytes.indexOf(Buffer.from(MEMBERS["b.stored"]));
  bytes[at + 10] = 255;
  writeFileSync(archive, bytes);
  await expect(extract(archive, await entry("b.stored"), join(folder, "x"))).rejects.toThrow(
    "b.stored is damaged",
  );
  await expect(extractSmall(archive, [await entry("b.stored")], folder)).rejects.toThrow(
    "b.stored is damaged",
  );
});

test("a member of another size than the directory says is refused", async () => {
  const long = await entry("a/long.txt");
  await expect(extract(archive, { ...long, bytes: long.bytes + 1 }, join(folder, "x"))).rejects.toThrow(
    "is damaged",
  );
  await expect(extract(archive, { ...long, bytes: 10 }, join(folder, "y"))).rejects.toThrow(
    "longer than 10 bytes",
  );
});

test("a member outside the folder is refused", async () => {
  writeFileSync(archive, makeZip({ "../evil": "x" }));
  await expect(readEntries(archive)).rejects.toThrow("outside its folder");
});
