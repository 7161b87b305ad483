/** Whatever a path leads to, a reader says in words that it is not what it reads: it neither waits for ever nor fills the memory. */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assigned } from "../../../src/assignments.ts";
import { InputError } from "../../../src/errors.ts";
import { acquireLock } from "../../../src/node/files/lock.ts";
import { openToAppend, readRegular } from "../../../src/node/files/regular.ts";
import { openTensors } from "../../../src/node/run/huggingface/shards.ts";
import { appendLog, readLog, rewindLog, syncLog } from "../../../src/node/run/log.ts";
import { loadOwnEncoding } from "../../../src/node/run/own/index.ts";
import { readJson, readPreset } from "../../../src/node/run/preset.ts";
import { readRunJson } from "../../../src/node/run/run-json.ts";
import { readSafetensors } from "../../../src/node/run/safetensors-file.ts";
import { splitParts } from "../../../src/node/run/text/parts.ts";
import { readBytes } from "../../../src/node/run/text/read.ts";
import { openTokenFile } from "../../../src/node/run/text/token-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readers-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** 10^5 objects, each in the one before. */
const DEEP = `${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`;

/** What a name may be in place of a file of the expected content. */
const THINGS: Readonly<Record<string, (path: string) => void>> = {
  "a pipe": (path) => execFileSync("mkfifo", [path]),
  "an endless device": (path) => symlinkSync("/dev/zero", path),
  "a folder": (path) => mkdirSync(path),
  "a link to itself": (path) => symlinkSync(path, path),
  "a file of 16 TB": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 44 - 2 ** 20);
  },
};

interface Reader {
  /** Name of what is read, in the folder that it is given. */
  readonly file: string;
  readonly read: (dir: string, path: string) => unknown;
  /** Whether it reads JSON. */
  readonly json?: boolean;
}

const READERS: Readonly<Record<string, Reader>> = {
  "a preset": { file: "preset.json", json: true, read: (_, path) => readPreset(path) },
  "config.json, tokenizer.json or state.json": {
    file: "config.json",
    json: true,
    read: (_, path) => readJson(path),
  },
  "run.json": { file: "run.json", json: true, read: (dir) => readRunJson(dir) },
  "the log": { file: "log.jsonl", read: (dir) => readLog(dir) },
  "the log of a run that goes on": { file: "log.jsonl", read: (dir) => rewindLog(dir, 3) },
  "a lock": { file: "lock-1-0123456789abcdef.json", read: (dir) => acquireLock(dir) },
  "an own encoding": { file: "mine.ts", read: (_, path) => loadOwnEncoding(path) },
  safetensors: { file: "model.safetensors", read: (_, path) => readSafetensors(path) },
  "an index of tensors": {
    file: "model.safetensors.index.json",
    json: true,
    read: (dir) => openTensors(dir),
  },
  "a text": { file: "my.txt", read: (_, path) => [...readBytes({ path, start: 0, end: 1 })] },
};

const cases = Object.entries(READERS).flatMap(([title, reader]) =>
  Object.entries(THINGS).map(([thing, make]) => ({ title, thing, make, ...reader })),
);

async function refusalOf(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    return error;
  }
}

describe.skipIf(process.platform === "win32")("what is no file is refused", () => {
  test.each(cases)("$title: $thing", async ({ thing, make, file, read }) => {
    const dir = mkdtempSync(join(folder, "case-"));
    const path = join(dir, file);
    make(path);
    if (file === "my.txt" && thing === "a file of 16 TB") return; // a text may be of any size, and is read in pieces
    const refusal = await refusalOf(() => read(dir, path));
    expect(refusal).toBeInstanceOf(InputError);
    expect((refusal as Error).message).toContain(file);
  });

  test.each(Object.entries(THINGS).slice(0, 3))("the log, added to or synced: %s", (_, make) => {
    const dir = mkdtempSync(join(folder, "case-"));
    make(join(dir, "log.jsonl"));
    expect(() => appendLog(dir, { step: 1 })).toThrow(InputError);
    expect(() => syncLog(dir)).toThrow(); // never waits
  });

  test("a text and its tokens: a pipe", async () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    await expect(splitParts(path)).rejects.toThrow(InputError);
    expect(() =>
      openTokenFile(path, { tokens: 9, characters: 9, unknown: { pieces: 0, characters: 0 } }, 2).windows(
        [0],
        2,
      ),
    ).toThrow(InputError);
    expect(() => openToAppend(path)).toThrow("is a pipe, not a regular file");
  });
});

describe("JSON nested 10^5 deep, or of too many parts, is refused", () => {
  test.each(Object.entries(READERS).filter(([, { json }]) => json))("%s", async (_, { file, read }) => {
    const dir = mkdtempSync(join(folder, "case-"));
    writeFileSync(join(dir, file), DEEP);
    const refusal = await refusalOf(() => read(dir, join(dir, file)));
    expect(refusal).toBeInstanceOf(InputError);
    expect((refusal as Error).message).toMatch(/ deep/);
  });

  test("a line of the log, which is no line then", async () => {
    const dir = mkdtempSync(join(folder, "case-"));
    writeFileSync(join(dir, "log.jsonl"), `{"step":1,"x":${DEEP}}\n{"step":2}\n`);
    expect(() => readLog(dir)).toThrow(/line 1 is not a JSON object with a step/);
    await expect(rewindLog(dir, 3)).rejects.toThrow(InputError);
  });

  test("a hundred megabytes of empty lists, too, which would take the memory", () => {
    const path = join(folder, "lists.json");
    writeFileSync(path, `[${"[],".repeat(33_000_000)}[]]`);
    expect(() => readJson(path)).toThrow(/lists\.json: holds 33000002 objects and lists, more than 4000000/);
    rmSync(path);
  });

  test("a value or a path of --set", () => {
    expect(() => assigned({}, [`model.position=${DEEP}`])).toThrow(InputError);
    expect(() => assigned({}, [`${"a.".repeat(1e5)}b=1`])).toThrow(InputError);
  });
});

test("a file of /proc, which says that it has no bytes, is read to its end", () => {
  if (process.platform === "linux") expect(readRegular("/proc/self/status").length).toBeGreaterThan(100);
  const path = join(folder, "five");
  writeFileSync(path, "12345");
  expect(readRegular(path, 5).toString()).toBe("12345");
  expect(() => readRegular(path, 4)).toThrow("five: has more than 4 bytes");
});

/** Where files are opened without the guard, and why that is safe. */
const BARE: readonly { readonly path: string; readonly reason: string }[] = [
  { path: "src/node/files/regular.ts", reason: "the guard" },
  { path: "src/node/files/lock-", reason: "before TypeScript; looks at what it opens, and its size" },
  { path: "src/node/files/process-identity.mjs", reason: "what the system says in /proc" },
  { path: "src/node/files/durable.ts", reason: "opens what it makes, and folders to sync them" },
  { path: "src/node/native/kept-code.ts", reason: "a folder whose owner and mode were checked" },
  ...["src/node/native/setup/", "src/node/files/pip.ts", "src/node/files/unzip.ts"].map((path) => ({
    path,
    reason: "what was just downloaded, in a folder of its own",
  })),
  { path: "src/node/native/graph/", reason: "what it has just written" },
  ...["scripts/test.ts", "scripts/bench/", "scripts/peers/"].map((path) => ({
    path,
    reason: "what a process of its own wrote, in a folder that it made",
  })),
  { path: "src/node/files/typescript/", reason: "the program that runs; a folder whose owner was checked" },
  { path: "scripts/whereabouts.mjs", reason: "runs before TypeScript does, on what npm wrote" },
];

test("no source file reads but through the guard", () => {
  const root = join(import.meta.dirname, "..", "..", "..");
  const opens = /\b(?:readFile|readFileSync|open|openSync|openAsBlob|createReadStream)\b/;
  const found = ["src", "scripts"]
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: "utf8" }).map((name) => `${top}/${name}`),
    )
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.m?ts$|\.mjs$/.test(path) && !BARE.some(({ path: start }) => path.startsWith(start)))
    .filter((path) => {
      const text = readFileSync(join(root, path), "utf8");
      const imports = text.matchAll(/^import\s[^;]*?from\s+"(?:node:)?fs(?:\/promises)?"/gm);
      return [...imports].some(
        ([statement]) => opens.test(statement) || /\*|^import \w+ from/.test(statement),
      );
    });
  expect(found).toEqual([]);
  expect(dirname(BARE[0]?.path ?? "")).toBe("src/node/files");
});
