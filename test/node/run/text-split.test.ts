/** What of a user's files is trained on, and what is held out: each byte once, and a tenth. */
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { splitParts } from "../../../src/node/run/text/parts.ts";
import { readText, type TextPart } from "../../../src/node/run/text/read.ts";

const LINE = "The dog bit the man, and the man bit the dog; naïve 🙂 dogs bite.\n";
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const put = (text: string, ...names: string[]) => {
  mkdirSync(dirname(at(...names)), { recursive: true });
  writeFileSync(at(...names), text);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "text-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (parts: readonly TextPart[]) => parts.map((part) => [...readText(part)].join(""));
const bytesOf = (parts: readonly TextPart[]) => parts.reduce((sum, { start, end }) => sum + end - start, 0);
const names = async (path = folder) => {
  const { train, heldout } = await splitParts(path);
  return [...new Set([...train, ...heldout].map((part) => relative(path, part.path)))].sort();
};
const shareHeldOut = async () => {
  const { train, heldout } = await splitParts(folder);
  return bytesOf(heldout) / (bytesOf(train) + bytesOf(heldout));
};

describe("splits", () => {
  test("of one file: the last tenth, from the beginning of a line on; joined they are the file", async () => {
    put(LINE.repeat(100), "my.txt");
    const { train, heldout } = await splitParts(at("my.txt"));
    const [[a = ""], [b = ""]] = [read(train), read(heldout)];
    expect(a + b).toBe(LINE.repeat(100));
    expect(b.startsWith("The dog")).toBe(true);
    expect(b.length / (a.length + b.length)).toBeCloseTo(0.1, 1);
  });

  test("of ten files or more: whole files, about a tenth of the bytes, the same every time", async () => {
    for (let i = 0; i < 30; i++) put(`${i} ${LINE}`.repeat(5), "many", i % 2 ? "deep" : "", `${i}.txt`);
    put("no", "many", ".hidden");
    const { train, heldout } = await splitParts(at("many"));
    expect([train.length + heldout.length, heldout.length]).toEqual([30, 3]);
    expect(await splitParts(at("many"))).toEqual({ train, heldout });
    const trained = new Set(train.map(({ path }) => path));
    expect(heldout.every(({ path }) => !trained.has(path))).toBe(true);
  });

  test("of a text without lines: between two characters", async () => {
    put("🙂".repeat(1001), "one-line.txt");
    const { train, heldout } = await splitParts(at("one-line.txt"));
    expect([...read(train), ...read(heldout)].join("")).toBe("🙂".repeat(1001));
  });

  const filled = (sizes: readonly number[]) => {
    for (const [i, size] of sizes.entries()) put("Dogs bite.\n".repeat(size), `${i}.txt`);
  };
  test.each<[string, number[]]>([
    ["nine small files beside a large one", [...Array(9).fill(4), 37_000]],
    ["thirty small ones beside one", [...Array(30).fill(9), 9_000]],
    ["thirty beside three", [...Array(30).fill(30), 9_000, 7_000, 5_000]],
    ["sizes that double", Array.from({ length: 14 }, (_, i) => 2 ** i)],
    ["ten alike", Array(10).fill(50)],
    ["eleven alike", Array(11).fill(50)],
    ["two, one of them small", [2, 500]],
  ])("of %s: a tenth to a fifth of the bytes", async (_, sizes) => {
    filled(sizes);
    const share = await shareHeldOut();
    expect(share).toBeGreaterThan(0.08); // a line is not cut in two
    expect(share).toBeLessThan(0.205);
    const { train, heldout } = await splitParts(folder);
    const whole = sizes.reduce((sum, size) => sum + size, 0) * 11;
    expect(read(train).join("").length + read(heldout).join("").length).toBe(whole);
  });

  test("a last line is not all that is held out of a file", async () => {
    put(`${"x".repeat(9_990)}\nend\n`, "long.txt");
    expect(await shareHeldOut()).toBeCloseTo(0.1, 2);
  });
});

describe("links", () => {
  beforeEach(() => {
    for (let i = 0; i < 12; i++) put(`${i} ${LINE}`.repeat(5), "v1", `${i}.txt`);
  });

  test("a file is taken once, under the name that is no link; adding links changes nothing", async () => {
    const before = await splitParts(folder);
    symlinkSync("v1", at("latest"));
    symlinkSync(at("v1"), at("absolute"));
    symlinkSync(join("v1", "3.txt"), at("0-file.txt"));
    linkSync(at("v1", "4.txt"), at("v1", "5-hard.txt"));
    expect(await splitParts(folder)).toEqual(before);
  });

  test("to the folder itself, to folders above and to each other end, and bring nothing in", async () => {
    const before = await names(at("v1"));
    for (const [target, name] of [
      [".", "self"],
      ["..", "up"],
      ["/", "root"],
      [folder, "above"],
    ] as const)
      symlinkSync(target, at("v1", name));
    mkdirSync(at("v1", "deep", "deeper"), { recursive: true });
    for (const name of ["a", "b"]) symlinkSync("../..", at("v1", "deep", "deeper", name));
    symlinkSync("deep", at("v1", "c"));
    expect(await names(at("v1"))).toEqual(before);
  });

  test("to a folder elsewhere are followed, once", async () => {
    put(LINE, "elsewhere", "13.txt");
    symlinkSync("../elsewhere", at("v1", "more"));
    symlinkSync("../elsewhere", at("v1", "again"));
    symlinkSync("../v1", at("elsewhere", "back"));
    expect((await names(at("v1"))).filter((name) => name.includes("13"))).toEqual([join("again", "13.txt")]);
  });
});

test("listing many files ends when it is aborted", async () => {
  put(LINE, "a.txt");
  await expect(splitParts(folder, AbortSignal.abort())).rejects.toThrow(/abort/i);
});
