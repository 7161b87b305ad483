/**
 * Tokenizers as people publish them, against what PyPI's `tokenizers` made of the same texts
 * (scripts/peers/foreign_tokenizers.py).
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { foreignTokenizer } from "../../src/formats/tokenizer-json/index.ts";

interface Golden {
  readonly written: { readonly added_tokens: readonly { readonly id: number; readonly content: string }[] };
  /** Ids of "the dog" with what the template puts around it. */
  readonly framed: readonly number[];
  readonly ids: readonly (readonly number[])[];
  readonly decoded: readonly string[];
}

const path = new URL("../goldens/foreign-tokenizers.json", import.meta.url);
const { texts, kinds }: { texts: readonly string[]; kinds: Readonly<Record<string, Golden>> } = JSON.parse(
  readFileSync(path, "utf8"),
);

test("the texts hold what tokenizers differ in, and the kinds are those that people publish", () => {
  const all = texts.join("");
  for (const part of [
    "",
    "\u0085",
    "\ufeff",
    "e\u0301",
    "👩\u200d🚀",
    "𠀀",
    "<s>",
    "[MASK]",
    "   ",
    "<0x41>",
  ])
    expect(all).toContain(part);
  expect(texts).toContain("");
  expect(Object.keys(kinds)).toHaveLength(19);
});

describe.each(Object.entries(kinds))("%s", (_, { written, framed, ids, decoded }) => {
  const tokenizer = foreignTokenizer(written);

  test("gives the ids of PyPI's tokenizers, and the text back", () => {
    expect(texts.map((text) => tokenizer.encode(text))).toEqual(ids);
    expect(ids.map((row) => tokenizer.decode(row))).toEqual(decoded);
  });

  test("opens a text as its template does", () => {
    const bare = tokenizer.encode("the dog");
    const at = framed.findIndex((_id, i) => bare.every((id, j) => framed[i + j] === id));
    expect(framed.slice(0, at)).toEqual(tokenizer.opening === undefined ? [] : [tokenizer.opening]);
  });

  test("is what it was after a way through JSON, and tells its tokens apart", () => {
    const again = foreignTokenizer(JSON.parse(JSON.stringify(tokenizer.toJSON())));
    expect(texts.map((text) => again.encode(text))).toEqual(ids);
    const shown = Array.from({ length: tokenizer.vocabSize }, (_unused, id) => tokenizer.token(id));
    expect(shown.every((text) => text !== "")).toBe(true);
    for (const { id, content } of written.added_tokens) expect(shown[id]).toBe(content);
  });
});
