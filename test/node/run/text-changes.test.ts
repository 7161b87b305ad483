/** A text that changes while it is read: no tokens of another text are kept under its name. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { textConfig } from "../../../src/data/text.ts";
import { InputError } from "../../../src/errors.ts";
import { openData } from "../../../src/node/run/data.ts";

const TEXT = "The dog bit the man.\n".repeat(100);
const OTHER = "The man bit the dog.\n".repeat(100);
let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "text-"));
  writeFileSync(at("my.txt"), TEXT);
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (tokenizer: string, tell: (text: string) => void = () => {}, cache = "cache") =>
  openData(textConfig.parse({ kind: "text", path: at("my.txt"), tokenizer }), 1, { cache: at(cache), tell });
const kept = () =>
  readdirSync(at("cache"), { recursive: true, encoding: "utf8" }).filter((name) => /json$|bin$/.test(name));

test.each([
  ["learned", "characters", /learning/],
  ["learned", "words", /learning/],
  ["learned", "bpe", /learning/],
  ["learned", "gpt2", /learning/],
  ["encoded", "characters", /encoding/],
  ["encoded", "bpe", /encoding/],
])(
  "is %s (%s): refused, and the tokens made afterwards are those of the text",
  async (_, tokenizer, when) => {
    const change = open(tokenizer, (text) => {
      if (when.test(text)) writeFileSync(at("my.txt"), OTHER); // as long, and of the same characters
    });
    await expect(change).rejects.toThrow(InputError);
    await expect(change).rejects.toThrow(/my\.txt: changed while it was read; let it be, and run again/);
    expect(kept().filter((name) => name.includes("tokens"))).toEqual([]);
    writeFileSync(at("my.txt"), TEXT);
    const [again, fresh] = [await open(tokenizer), await open(tokenizer, undefined, "fresh")];
    expect(JSON.stringify(again.tokenizer)).toBe(JSON.stringify(fresh.tokenizer));
    for (let step = 0; step < 3; step++) expect(again.batch(step, 4, 16)).toEqual(fresh.batch(step, 4, 16));
  },
);
