/**
 * Texts as editors of other systems write them: a mark is skipped, another encoding is named with
 * the command that mends it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readRegularText } from "../../../src/node/files/regular.ts";
import { wideEncoding } from "../../../src/node/files/text-encoding.ts";
import { openData } from "../../../src/node/run/data.ts";
import { readPreset } from "../../../src/node/run/preset.ts";

const folder = mkdtempSync(join(tmpdir(), "text-encoding-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

const PRESET = JSON.stringify({ name: "tiny", model: { position: { kind: "none" } } });
const LINES = "Ein Hund beißt einen Mann.\n".repeat(200);
const utf16le = (text: string) => Buffer.from(text, "utf16le");
const utf16be = (text: string) => utf16le(text).swap16();
const utf32le = (text: string) =>
  Buffer.from(Uint32Array.from([...text], (c) => c.codePointAt(0) as number).buffer);

const WIDE: readonly [string, (text: string) => Buffer, string][] = [
  ["UTF-16 with its mark, as PowerShell writes it", (text) => utf16le(`\ufeff${text}`), "UTF-16"],
  ["UTF-16, high bytes first, with its mark", (text) => utf16be(`\ufeff${text}`), "UTF-16"],
  ["UTF-16 without a mark", utf16le, "UTF-16LE"],
  ["UTF-16, high bytes first, without a mark", utf16be, "UTF-16BE"],
  ["UTF-32 with its mark", (text) => utf32le(`\ufeff${text}`), "UTF-32"],
];
const hasIconv = spawnSync("iconv", ["--version"]).status === 0;

/** Runs the command that a message gives. */
function mended(message: string, path: string): string {
  const [, from] = /convert it: (iconv -f \S+ -t UTF-8) FILE > NEW$/.exec(message) as RegExpExecArray;
  const [program, ...args] = (from as string).split(" ") as [string, ...string[]];
  return execFileSync(program, [...args, path], { encoding: "utf8" });
}

describe.each(WIDE)("%s", (_, encode, name) => {
  test("is known by its first bytes", () => {
    expect(wideEncoding(encode(LINES))).toBe(name);
    expect(wideEncoding(encode(PRESET))).toBe(name);
  });

  test.runIf(hasIconv)("a preset is refused, and readable once the advice was followed", () => {
    const path = file("preset.json", encode(PRESET));
    expect(() => readPreset(path)).toThrow(
      new RegExp(`preset\\.json: is ${name}, and UTF-8 is read; convert it: iconv`),
    );
    try {
      readPreset(path);
    } catch (error) {
      const text = mended((error as Error).message, path);
      expect(readPreset(file("mended.json", text)).name).toBe("tiny");
    }
  });

  test.runIf(hasIconv)("a text is refused, and the advice gives it back", async () => {
    const path = file("text.txt", encode(LINES));
    const cache = join(folder, "cache");
    const config = { kind: "text", path, tokenizer: "characters", bos: false } as const;
    const message = await openData(config, 1, { cache }).then(
      () => "was not refused",
      (error: Error) => error.message,
    );
    expect(mended(message, path).replace("\ufeff", "")).toBe(LINES);
  });
});

test("a byte order mark before UTF-8 is no part of what is read", () => {
  expect(readPreset(file("marked.json", `\ufeff${PRESET}`)).name).toBe("tiny");
  expect(readRegularText(file("marked.txt", "\ufeffdog"))).toBe("dog");
});

test.each([
  ["nothing", ""],
  ["a letter", "a"],
  ["German", LINES],
  ["Chinese", "狗咬人".repeat(99)],
  ["a few zeros", "a\0b c d e f g h i j k"],
])("%s in UTF-8 is not taken for another encoding", (_, text) => {
  expect(wideEncoding(Buffer.from(text))).toBeUndefined();
  expect(readRegularText(file("plain.txt", text))).toBe(text);
});

test("the file itself is left as it was", () => {
  const path = file("kept.json", `\ufeff${PRESET}`);
  readPreset(path);
  expect(readFileSync(path, "utf8")).toBe(`\ufeff${PRESET}`);
});
