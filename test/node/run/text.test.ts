/** Texts of the user's: read by parts, split, encoded once. */
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { textConfig } from "../../../src/data/text.ts";
import { InputError } from "../../../src/errors.ts";
import { openData } from "../../../src/node/run/data.ts";
import { splitParts } from "../../../src/node/run/text/parts.ts";
import { readText } from "../../../src/node/run/text/read.ts";

const LINE = "The dog bit the man, and the man bit the dog; naïve 🙂 dogs bite.\n";
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const cache = () => at("cache");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "text-"));
  writeFileSync(at("my.txt"), LINE.repeat(100));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (parts: Parameters<typeof readText>[0][]) => parts.map((part) => [...readText(part)].join(""));
const open = (fields: object = {}, options: object = {}) =>
  openData(textConfig.parse({ kind: "text", path: at("my.txt"), ...fields }), 1, {
    cache: cache(),
    ...options,
  });

describe("what is no text is refused by name", () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      "bytes of Latin-1",
      Uint8Array.from(Buffer.from("caf\xe9 au lait, s'il vous plait", "latin1")),
      /bad\.txt: is not UTF-8 at about byte 4; convert it/,
    ],
    [
      "half a character at the end",
      Uint8Array.from([...Buffer.from("dog "), 0xf0, 0x9f]),
      /bad\.txt: is not UTF-8/,
    ],
    ["an empty file", new Uint8Array(), /bad\.txt: holds no text/],
  ])("%s", async (_, bytes, message) => {
    writeFileSync(at("bad.txt"), bytes);
    const opened = open({ path: at("bad.txt") });
    await expect(opened).rejects.toThrow(InputError);
    await expect(opened).rejects.toThrow(message);
  });

  test("a path where nothing is", async () => {
    await expect(open({ path: at("none.txt") })).rejects.toThrow(/none\.txt: does not exist; check the path/);
  });
});

describe("tokens", () => {
  test.each(["characters", "words", "bpe", "gpt2"])(
    "%s: those of a file of many parts are those of the text",
    async (tokenizer) => {
      const text = LINE.repeat(20_000); // 1.4 MB, so two chunks
      writeFileSync(at("my.txt"), text);
      const data = await open({ tokenizer });
      const [trained = ""] = read([...(await splitParts(at("my.txt"))).train]);
      const ids = data.tokenizer.encode(trained);
      expect(trained.length).toBeGreaterThan(2 ** 20);
      const { tokens } = data.batch(3, 4, 64);
      const joined = ids.join(" ");
      for (let row = 0; row < 4; row++)
        expect(joined).toContain(tokens.subarray(row * 64, (row + 1) * 64).join(" "));
      expect(data.charactersPerToken?.train).toBeCloseTo([...trained].length / ids.length, 9);
    },
  );

  test("are made once, and anew where their file is damaged", async () => {
    const told: string[] = [];
    const tell = (text: string) => void told.push(text);
    const first = (await open({ tokenizer: "bpe" }, { tell })).batch(0, 2, 8);
    expect(told).toEqual(['data: learning the tokenizer "bpe" from the text', "data: encoding the text"]);
    expect((await open({ tokenizer: "bpe" }, { tell })).batch(0, 2, 8)).toEqual(first);
    expect(told.length).toBe(2);
    const [key = ""] = readdirSync(join(cache(), "tokens"));
    truncateSync(join(cache(), "tokens", key, "train.bin"), 10);
    expect((await open({ tokenizer: "bpe" }, { tell })).batch(0, 2, 8)).toEqual(first);
    expect(told.slice(2)).toEqual([
      expect.stringMatching(
        /^data: what is in the cache is damaged, and made anew \(.*train\.bin: is not what was saved/,
      ),
      "data: encoding the text",
    ]);
  });
});
