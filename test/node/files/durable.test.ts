import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { writeDirectory, writeError, writeFileDurably } from "../../../src/node/files/durable.ts";

let root: string;
let dir: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "durable-"));
});
beforeEach(() => {
  count += 1;
  dir = join(root, String(count));
  mkdirSync(dir);
});
afterAll(() => rmSync(root, { recursive: true }));

/** Pieces of which the second fails as a full disk would. */
function* fullDisk(): Iterable<Uint8Array> {
  yield new Uint8Array(1000);
  throw systemError("ENOSPC");
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code, errno: -28, syscall: "write" });
}

const text = (path: string) => readFileSync(path, "utf8");

test("a file is replaced whole, from text, bytes or pieces", async () => {
  const path = join(dir, "run.json");
  for (const content of ["é1", Buffer.from("é2"), [Buffer.from("é"), new Uint8Array(0), Buffer.from("3")]]) {
    await writeFileDurably(path, content);
  }
  expect(text(path)).toBe("é3");
  expect(readdirSync(dir)).toEqual(["run.json"]);
});

test("of several that write one file at once none disturbs another, and one of them stands whole", async () => {
  const path = join(dir, "order.json");
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
  await Promise.all(texts.map((content) => writeFileDurably(path, content)));
  expect(texts).toContain(text(path));
  expect(readdirSync(dir)).toEqual(["order.json"]);
});

test("a folder appears with all its files, and somebody's folder of a staging's name is left alone", async () => {
  const path = join(dir, "runs", "step-000001");
  mkdirSync(`${path}.tmp`, { recursive: true });
  writeFileSync(join(`${path}.tmp`, "mine"), "");
  await writeDirectory(path, { "config.json": "{}", "model.safetensors": [Buffer.from("m")] });
  expect(readdirSync(join(dir, "runs")).sort()).toEqual(["step-000001", "step-000001.tmp"]);
  expect(readdirSync(path).sort()).toEqual(["config.json", "model.safetensors"]);
  expect(readdirSync(`${path}.tmp`)).toEqual(["mine"]);
});

test("a folder's name may end in a slash, and an empty folder of this name is taken", async () => {
  await writeDirectory(`${join(dir, "slash")}/`, { a: "1" });
  mkdirSync(join(dir, "empty"));
  await writeDirectory(join(dir, "empty", ""), { a: "1" }, { sums: true });
  expect(readdirSync(dir).sort()).toEqual(["empty", "slash"]);
  const sum = createHash("sha256").update("1").digest("hex");
  expect(text(join(dir, "empty", "SHA256SUMS"))).toBe(`${sum}  a\n`);
});

test("a folder that exists is left as it is", async () => {
  await writeDirectory(join(dir, "step"), { a: "old" });
  await expect(writeDirectory(join(dir, "step"), { a: "new" })).rejects.toThrow(/exists already; delete it/);
  expect(text(join(dir, "step", "a"))).toBe("old");
});

describe("a full disk", () => {
  test("leaves the old file, and nothing staged", async () => {
    const path = join(dir, "log.jsonl");
    await writeFileDurably(path, "old");
    const error = await writeFileDurably(path, fullDisk()).catch((e) => e);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe(`${path}: no space left to write (ENOSPC); free some and run again`);
    expect(text(path)).toBe("old");
    expect(readdirSync(dir)).toEqual(["log.jsonl"]);
  });

  test("leaves no part of a folder", async () => {
    const files = { "config.json": "{}", "model.safetensors": fullDisk() };
    await expect(writeDirectory(join(dir, "step"), files)).rejects.toThrow(/no space left/);
    expect(readdirSync(dir)).toEqual([]);
  });
});

test("a fault of the program in the middle is passed on as it is, and leaves nothing", async () => {
  const fault = new RangeError("not exactly F16");
  const content = (function* () {
    yield new Uint8Array(1);
    throw fault;
  })();
  await expect(writeDirectory(join(dir, "step"), { model: content })).rejects.toBe(fault);
  expect(readdirSync(dir)).toEqual([]);
});

test("a folder below a file cannot be written, and the message says where", async () => {
  writeFileSync(join(dir, "file"), "");
  const path = join(dir, "file", "step");
  await expect(writeFileDurably(path, "")).rejects.toThrow(`${path}: cannot be written (ENOTDIR)`);
  await expect(writeDirectory(path, {})).rejects.toThrow(InputError);
});

test.each(["", ".", "..", "a/b", "../x", "a\\b", "a\0"])("%j is not taken for a file name", async (name) => {
  await expect(writeDirectory(join(dir, "step"), { [name]: "" })).rejects.toThrow(TypeError);
  expect(readdirSync(dir)).toEqual([]);
});

test.each([
  ["EACCES", /may not be written \(EACCES\); choose a folder/],
  ["EROFS", /may not be written/],
  ["EDQUOT", /no space left/],
  ["EIO", /cannot be written \(EIO\)/],
])("%s of the system becomes a line for the user, with its cause", (code, message) => {
  const cause = systemError(code);
  const error = writeError("out", cause);
  expect(error).toBeInstanceOf(InputError);
  expect(error).toMatchObject({ message: expect.stringMatching(message), cause });
});
