/** The tokenizers of running text: nothing is lost, and what cannot be encoded is named. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charactersTokenizer, characterVocabulary } from "../../src/data/tokenizers/characters.ts";
import { readTokenizer } from "../../src/data/tokenizers/index.ts";
import { pieceWordsTokenizer, wordVocabulary } from "../../src/data/tokenizers/piece-words.ts";
import { countPieces } from "../../src/data/tokenizers/pieces.ts";
import { InputError } from "../../src/errors.ts";
import { tokenizersOf } from "./tokenizers-of.ts";

const text =
  "The dog bit the man. The man bit the dog!\n\n'Tis said: 2 dogs, 2 men; naïve 🙂 dogs\t...\n".repeat(3);
const made = tokenizersOf(text);
const saved = (kind: keyof typeof made) => readTokenizer(JSON.parse(JSON.stringify(made[kind])));

/** Any well-formed text, and texts of few words and much white space. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(" ", "\n", "\t", "\u0085", "\ufeff", "the", "don't", "2", "é", "🙂", ","),
    maxLength: 40,
  }),
);

describe("decode(encode(text)) = text, also after saving", () => {
  test.each(["bpe", "gpt2"] as const)("%s: for any text", (kind) => {
    const read = saved(kind);
    expect(JSON.stringify(read)).toBe(JSON.stringify(made[kind]));
    fc.assert(
      fc.property(anyText, (one) => {
        expect(made[kind].decode(made[kind].encode(one))).toBe(one);
        expect(read.encode(one)).toEqual(made[kind].encode(one));
      }),
    );
  });

  test("characters: for any text, with a vocabulary of its characters", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (one, cut) => {
        const characters = charactersTokenizer(characterVocabulary(one));
        const read = readTokenizer(JSON.parse(JSON.stringify(characters)));
        const part = [...one].slice(0, cut % (one.length + 1)).join("");
        expect(read.decode(characters.encode(part))).toBe(part);
        expect(read.encode(one).length).toBe([...one].length);
      }),
    );
  });

  test("words: for any text, with a vocabulary of all its words", () => {
    fc.assert(
      fc.property(anyText, (one) => {
        const words = pieceWordsTokenizer(wordVocabulary(countPieces(one), 1000));
        const read = readTokenizer(JSON.parse(JSON.stringify(words)));
        expect(read.decode(words.encode(one))).toBe(one);
        expect(words.encode(one)).not.toContain(words.unk);
      }),
    );
  });
});

describe("special tokens", () => {
  test.each(["characters", "words", "bpe", "gpt2"] as const)("%s: no text becomes one", (kind) => {
    const { bos, mask, encode, decode, token } =
      kind === "characters" ? tokenizersOf("<bosmask>").characters : made[kind];
    expect([bos, mask]).toEqual([0, 1]);
    expect([token(0), token(1), decode([0, 1])]).toEqual(["<bos>", "<mask>", "<bos><mask>"]);
    for (const spelling of ["<bos>", "<mask>"]) {
      expect(encode(spelling).length).toBeGreaterThan(0);
      for (const id of encode(spelling)) expect([bos, mask]).not.toContain(id);
    }
  });
});

describe("what cannot be encoded", () => {
  test("characters: is named, with its code point", () => {
    expect(() => made.characters.encode("dog é")).toThrow(
      /^tokenizer: "é" \(U\+00E9\) is not in the vocabulary of \d+ tokens; /,
    );
    expect(() => made.characters.encode("🚀")).toThrow('"🚀" (U+1F680)');
    expect(() => made.characters.encode("\u0000")).toThrow('"\\u0000" (U+0000)');
  });

  test("words: is <unk>", () => {
    const { unk, encode, decode } = made.words;
    expect(encode("The zebra bit").filter((id) => id === unk).length).toBe(1);
    expect(decode(encode("The zebra bit"))).toBe("The<unk> bit");
  });

  test("half a character is refused by all", () => {
    for (const one of Object.values(made))
      expect(() => one.encode("dog \ud800")).toThrow("U+D800 at index 4");
  });

  test("ids outside the vocabulary are refused by all", () => {
    for (const { vocabSize, decode, token } of Object.values(made)) {
      for (const id of [-1, vocabSize, 0.5, Number.NaN]) {
        expect(() => decode([id])).toThrow(InputError);
        expect(() => token(id)).toThrow(InputError);
      }
    }
  });
});

describe("a saved tokenizer that is damaged is refused", () => {
  const bpe = JSON.parse(JSON.stringify(made.bpe));
  const withModel = (fields: object) => ({ ...bpe, model: { ...bpe.model, ...fields } });
  const [first = ["", ""]] = bpe.model.merges;
  const { a: _, ...withoutByte } = bpe.model.vocab;
  const cases: Record<string, unknown> = {
    "merges twice": withModel({ merges: [first, first] }),
    "a merge of no tokens": withModel({ merges: [["zz", "qq"]] }),
    "a merge that is no pair": withModel({ merges: [["a"]] }),
    "a missing byte": withModel({ vocab: withoutByte }),
    "a token that spells no bytes": withModel({
      vocab: { ...bpe.model.vocab, 你: Object.keys(bpe.model.vocab).length },
    }),
    "another normalizer": { ...bpe, normalizer: { type: "Lowercase" } },
    "another pre-tokenizer": { ...bpe, pre_tokenizer: { ...bpe.pre_tokenizer, add_prefix_space: true } },
    "merges ignored": withModel({ ignore_merges: true }),
    "added tokens": { ...bpe, added_tokens: [{ id: 0, content: "<bos>" }] },
    "another split": {
      ...JSON.parse(JSON.stringify(made.words)),
      pre_tokenizer: { type: "Split", pattern: { Regex: "." } },
    },
  };
  test.each(Object.entries(cases))("%s", (_name, json) => {
    expect(() => readTokenizer(json)).toThrow(InputError);
  });

  test("characters that are several, words without <unk>", () => {
    expect(() => charactersTokenizer(["<bos>", "ab"])).toThrow('token 1 is "ab"');
    expect(() => pieceWordsTokenizer(["<bos>", "a"])).toThrow("<unk>");
  });
});

test("one piece of 100,000 letters is encoded in a moment", () => {
  const long = "thedog".repeat(16_667);
  expect(made.bpe.decode(made.bpe.encode(long))).toBe(long);
}, 10_000);
