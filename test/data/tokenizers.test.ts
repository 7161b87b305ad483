import fc from "fast-check";
import { expect, test } from "vitest";
import { readTokenizer, wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { InputError } from "../../src/errors.ts";

const words = ["<bos>", "<mask>", ".", "dog", "man", "bites", "is", "bitten"];
const tokenizer = wordsTokenizer(words);
const saved = () => JSON.parse(JSON.stringify(tokenizer));
const word = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 6 })
  .filter((text) => !/\s/u.test(text) && text !== "__proto__");

test("any ids survive decoding and encoding, for any vocabulary, and after saving", () => {
  const vocabulary = fc.uniqueArray(word, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(vocabulary, fc.array(fc.nat()), (list, numbers) => {
      const made = wordsTokenizer(list);
      const ids = numbers.map((n) => n % list.length);
      const read = readTokenizer(JSON.parse(JSON.stringify(made)));
      expect(made.encode(made.decode(ids))).toEqual(ids);
      expect(read.encode(made.decode(ids))).toEqual(ids);
      expect(JSON.stringify(read)).toBe(JSON.stringify(made));
    }),
  );
});

test("white space of any kind separates words and nothing else", () => {
  expect(tokenizer.encode(" <bos>  dog\tbites\nman . ")).toEqual([0, 3, 5, 4, 2]);
  expect(tokenizer.encode("")).toEqual([]);
});

test("an unknown word is named, with the nearest known one or all of them", () => {
  expect(() => tokenizer.encode("dgo bites man")).toThrow(
    '"dgo" is not in the vocabulary; did you mean "dog"?',
  );
  expect(() => tokenizer.encode("Bites")).toThrow('did you mean "bites"?');
  expect(() => tokenizer.encode("elephant")).toThrow(`known are ${words.join(" ")}`);
  expect(() => tokenizer.encode("toString")).toThrow(InputError);
});

test("ids outside the vocabulary are refused", () => {
  for (const id of [-1, 8, 0.5, Number.NaN]) expect(() => tokenizer.decode([id])).toThrow(InputError);
});

test("special tokens are those that the vocabulary holds", () => {
  expect([tokenizer.bos, tokenizer.mask, tokenizer.pad]).toEqual([0, 1, undefined]);
  expect(saved().added_tokens.map((token: { content: string }) => token.content)).toEqual([
    "<bos>",
    "<mask>",
  ]);
});

test("a vocabulary with empty, split or repeated words is refused", () => {
  for (const list of [[""], ["a b"], ["a", "a"]]) expect(() => wordsTokenizer(list)).toThrow(InputError);
});

test("a saved tokenizer that is damaged or would give other ids is refused", () => {
  const damaged: Record<string, unknown>[] = [
    { ...saved(), model: { type: "BPE" } },
    { ...saved(), normalizer: { type: "Lowercase" } },
    { ...saved(), pre_tokenizer: { type: "Whitespace" } },
    { ...saved(), unheard: 1 },
    { ...saved(), added_tokens: [{ id: 3, content: "<bos>" }] },
    { ...saved(), model: { ...saved().model, vocab: { a: 0, b: 2 } } },
    { ...saved(), model: { ...saved().model, vocab: { a: 0, b: 0 } } },
    { ...saved(), model: { ...saved().model, vocab: { a: 0, "b c": 1 } }, added_tokens: [] },
  ];
  for (const json of [...damaged, null, 3, "x", [], {}])
    expect(() => readTokenizer(json)).toThrow(InputError);
});
