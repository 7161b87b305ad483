/** Machine code kept between processes: what a second process compiles, and what damaged entries do to it. */
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LEARNED, modelBytes, run, sets, TINY } from "../../scripts/run-command.ts";

const home = mkdtempSync(join(tmpdir(), "whereabouts code ")); // a space: the folder's name goes through a variable of flags
const code = join(home, "whereabouts", "code");
let first: Buffer;

beforeAll(async () => {
  vi.stubEnv("XDG_CACHE_HOME", home);
  vi.stubEnv("TF_ENABLE_ONEDNN_OPTS", undefined); // a user's 1 has TensorFlow print its notice
  first = await trained();
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

let runs = 0;

/** Trains three steps in a process of its own; the model's bytes. */
async function trained(): Promise<Buffer> {
  const out = join(home, `run-${runs++}`);
  const { code: rc, stderr } = await run(
    ...["train", LEARNED, "--engine", "native", "--threads", "1", "--out", out],
    ...TINY,
    ...sets("train.steps=3", "model.dropout=0.1"),
  );
  expect(stderr).not.toMatch(/E0000|WARNING/); // TensorFlow's own words
  expect(rc).toBe(0);
  return modelBytes(out, 3);
}

/** Path → contents and time of the last change. */
function entries(): Map<string, { readonly bytes: Buffer; readonly written: number }> {
  const [folder, ...others] = readdirSync(code);
  expect(others).toEqual([]);
  const path = join(code, folder as string);
  return new Map(
    readdirSync(path)
      .filter((name) => name !== "whole.json") // what was found whole: whole-code.test.ts
      .map((name) => join(path, name))
      .map((file) => [file, { bytes: readFileSync(file), written: statSync(file).mtimeMs }]),
  );
}

const isSeal = (file: string) => file.endsWith(".sha256");

test("a second process compiles nothing, and computes the same bits", async () => {
  const kept = entries();
  const files = [...kept.keys()];
  expect(files.length).toBeGreaterThan(1);
  expect(files.filter(isSeal)).toHaveLength(files.length / 2);
  expect(await trained()).toEqual(first);
  expect(entries()).toEqual(kept);
});

test("damaged entries are made anew", async () => {
  const files = [...entries().keys()].filter((file) => !isSeal(file));
  const damages: ((bytes: Buffer) => Buffer)[] = [
    () => Buffer.alloc(0),
    (bytes) => bytes.subarray(0, bytes.length >> 1),
    (bytes) => Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length >> 1)]),
  ];
  const before = entries();
  for (const [i, file] of files.entries()) {
    const damage = damages[i % damages.length] as (bytes: Buffer) => Buffer;
    writeFileSync(file, damage(readFileSync(file)));
  }
  expect(files.length).toBeGreaterThanOrEqual(damages.length);
  expect(await trained()).toEqual(first);
  const after = entries();
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const file of files) expect(after.get(file)?.bytes.length).toBeGreaterThan(1000);
});

test("an entry without a checksum is left to its writer for a minute, then removed", async () => {
  const seals = [...entries().keys()].filter(isSeal).sort();
  for (const seal of seals) {
    const entry = seal.slice(0, -".sha256".length);
    rmSync(seal);
    utimesSync(entry, new Date(), new Date(Date.now() - (seal === seals[0] ? 10_000 : 120_000)));
  }
  const before = entries();
  await trained();
  const unchanged = [...before].filter(([file, { written }]) => entries().get(file)?.written === written);
  expect(unchanged.map(([file]) => `${file}.sha256`)).toEqual([seals[0]]);
});

test("a folder that others can write is not used", async () => {
  const [folder] = readdirSync(code);
  chmodSync(join(code, folder as string), 0o777);
  const before = entries();
  const entry = [...before.keys()].find((file) => !isSeal(file)) as string;
  rmSync(entry);
  expect(await trained()).toEqual(first);
  before.delete(entry);
  expect(entries()).toEqual(before);
});

test("where nothing can be kept, training goes on without", async () => {
  rmSync(code, { recursive: true });
  writeFileSync(code, "a file where the folder would be");
  expect(await trained()).toEqual(first);
});

test("a folder whose name the flag cannot hold is not used", async () => {
  vi.stubEnv("XDG_CACHE_HOME", join(home, "it's"));
  expect(await trained()).toEqual(first);
  const folders = readdirSync(home, { recursive: true, encoding: "utf8" });
  expect(folders.filter((name) => name.endsWith(".pb"))).toEqual([]);
});
