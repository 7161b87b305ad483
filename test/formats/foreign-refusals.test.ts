/** What is refused of a tokenizer from elsewhere, by its name, and what its settings say. */
import { expect, test } from "vitest";
import { openingIds } from "../../src/data/ends.ts";
import { foreignTokenizer, openForeign } from "../../src/formats/tokenizer-json/index.ts";

const added = (id: number, content: string, fields: object = {}) => ({
  ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  ...fields,
});
const words = { type: "WordLevel", vocab: { "<unk>": 0, dog: 1, man: 2 }, unk_token: "<unk>" };
const base = { pre_tokenizer: { type: "WhitespaceSplit" }, model: words };
const bpe = (fields: object) => ({
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"], ...fields },
});

test.each<[what: string, json: object, says: RegExp]>([
  ["a model", { model: { type: "Char" } }, /^tokenizer\.json: model: type "Char" is not read; known: BPE/],
  ["a normalizer", { ...base, normalizer: { type: "Nmt" } }, /normalizer: type "Nmt" is not read/],
  [
    "one within others",
    { ...base, normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Own" }] } },
    /normalizer\.normalizers\.1: type "Own"/,
  ],
  ["a pre-tokenizer", { ...base, pre_tokenizer: { type: "UnicodeScripts" } }, /pre_tokenizer: type "Uni/],
  ["a decoder", { ...base, decoder: { type: "CTC" } }, /decoder: type "CTC" is not read/],
  ["a post-processor", { ...base, post_processor: { type: "Own" } }, /post_processor: type "Own"/],
  ["a field", { ...base, pre_tokenizer: { type: "Digits", individual_digits: true, by: 3 } }, /by is not a/],
  ["a field of the file", { ...base, extra: 1 }, /extra is not a field/],
  ["inherited names", { ...base, decoder: { type: "constructor" } }, /type "constructor" is not read/],
  ["chance", bpe({ dropout: 0.1 }), /model: dropout: /],
  ["ids that two tokens have", bpe({ vocab: { a: 0, b: 0 } }), /vocab: "a" and "b" both have id 0/],
  ["ids that are none", bpe({ vocab: { a: 0.5 } }), /vocab: "a" has id "0\.5"/],
  ["huge ids", bpe({ vocab: { a: 2 ** 31 } }), /vocab: "a" has id "2147483648"/],
  ["a vocabulary that is none", bpe({ vocab: ["a"] }), /vocab: is no object/],
  ["merges of no tokens", bpe({ merges: ["a c"] }), /merges\.0: "a c" merges what is no token/],
  ["merges of three", bpe({ merges: ["a b c"] }), /merges\.0/],
  ["an unknown token outside", { model: { type: "Unigram", unk_id: 9, vocab: [["a", 0]] } }, /unk_id: 9 is/],
  ["no table", { ...base, normalizer: { type: "Precompiled", precompiled_charsmap: "%" } }, /not base64/],
  ["half a table", { ...base, normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" } }, /length/],
  ["an id that is taken", { ...base, added_tokens: [added(1, "<s>")] }, /"<s>" has id 1, .* "dog" there/],
  ["a token elsewhere", { ...base, added_tokens: [added(7, "dog")] }, /"dog" has id 7, .* has it at 1/],
  [
    "long tokens",
    { ...base, added_tokens: [added(3, "x".repeat(513))] },
    /added_tokens: "x+…" is longer than/,
  ],
  ["long pieces", { model: { type: "Unigram", vocab: [["x".repeat(513), 0]] } }, /model: "x+…" is longer/],
  [
    "long words",
    { model: { type: "WordPiece", vocab: { a: 0 }, max_input_chars_per_word: 1e6 } },
    /max_input/,
  ],
])("%s", (_, json, says) => {
  expect(() => foreignTokenizer(json)).toThrow(says);
});

test("text that has no token, nor one for what is unknown, is refused where it comes up", () => {
  expect(() => foreignTokenizer({ ...base, model: { ...words, unk_token: "?" } }).encode("cat")).toThrow(
    /model: has no token for "cat", nor one for what is unknown/,
  );
  const unigram = foreignTokenizer({ model: { type: "Unigram", vocab: [["a", -1]] } });
  expect(unigram.encode("aa")).toEqual([0, 0]);
  expect(() => unigram.encode("ab")).toThrow(/no token for "b"/);
  expect(() => unigram.encode("a\ud800")).toThrow(/U\+D800 at index 1 is half of a character/);
});

test("what a file has in the place of a letter does not fill the memory", () => {
  const grow = { type: "Replace", pattern: { String: "a" }, content: "a".repeat(1000) };
  const normalizer = { type: "Sequence", normalizers: [grow, grow, grow] };
  expect(() => foreignTokenizer({ ...base, normalizer }).encode("aa")).toThrow(/grows beyond 67108864/);
});

test("a token named as an object's own is a token", () => {
  const vocab = JSON.parse('{ "__proto__": 0, "constructor": 1, "<unk>": 2 }') as object;
  const tokenizer = foreignTokenizer({ ...base, model: { ...words, vocab } });
  expect(tokenizer.encode("constructor __proto__ toString")).toEqual([1, 0, 2]);
});

const template = (...before: string[]) => ({
  type: "TemplateProcessing",
  single: [
    ...before.map((id) => ({ SpecialToken: { id, type_id: 0 } })),
    { Sequence: { id: "A", type_id: 0 } },
    { SpecialToken: { id: "</s>", type_id: 0 } },
  ],
  pair: [],
  special_tokens: {
    "<s>": { id: "<s>", ids: [3], tokens: ["<s>"] },
    "</s>": { id: "</s>", ids: [4], tokens: ["</s>"] },
  },
});
const marked = { ...base, added_tokens: [added(3, "<s>"), added(4, "</s>"), added(5, "<mask>")] };

test.each<[settings: object, processor: object | null, roles: object]>([
  [{}, null, { opening: undefined, bos: undefined, mask: 5 }],
  [{ bos_token: "<s>", eos_token: "</s>" }, null, { opening: undefined, bos: 3, eos: 4 }],
  [{ bos_token: { content: "<s>" }, add_bos_token: true }, null, { opening: 3, bos: 3 }],
  [{}, template("<s>"), { opening: 3, bos: 3 }],
  [{ bos_token: "<s>", add_bos_token: false }, template("<s>"), { opening: undefined, bos: 3 }],
  [{ bos_token: "<none>", add_bos_token: null }, template("<s>"), { opening: 3, bos: 3 }],
  [{ cls_token: "<s>", pad_token: "</s>", unk_token: "dog" }, null, { bos: 3, pad: 4, unk: 1 }],
])("settings %j", (settings, post_processor, roles) => {
  expect(foreignTokenizer({ ...marked, post_processor }, { settings })).toMatchObject(
    Object.fromEntries(Object.entries(roles).filter(([, id]) => id !== undefined)),
  );
  const found = foreignTokenizer({ ...marked, post_processor }, { settings });
  expect(found.opening).toBe("opening" in roles ? roles.opening : undefined);
});

test("settings of another type are refused", () => {
  expect(() => foreignTokenizer(marked, { settings: { bos_token: 3 } })).toThrow(/bos_token/);
});

test("two tokens before a text open it both, unless the settings say otherwise", () => {
  const two = { ...marked, post_processor: template("</s>", "<s>") };
  const { tokenizer, notes } = openForeign(two, { where: "T" });
  expect(openingIds(tokenizer, undefined)).toEqual([4, 3]);
  expect(tokenizer.closing).toEqual([4]);
  expect(notes).toEqual([
    'T: "</s>" "<s>" open every text',
    'T: "</s>" ends every text: a masked model is given it behind its mask, a causal one is not',
  ]);
  const without = foreignTokenizer(two, { settings: { bos_token: "<s>", add_bos_token: false } });
  expect(openingIds(without, undefined)).toEqual([]);
  const narrow = openForeign(two, { vocabSize: 4, where: "T" }); // no row for </s>
  expect([openingIds(narrow.tokenizer, undefined), narrow.tokenizer.closing]).toEqual([[3], undefined]);
  expect(narrow.notes).toContain(
    "T: a token that would end every text has no row in the model, and is left out",
  );
});

test("rows without a token have a name and no text; tokens without a row are refused in a text", () => {
  const padded = openForeign(marked, { vocabSize: 64, where: "T" });
  expect(padded.tokenizer).toMatchObject({ vocabSize: 64, mask: 5 });
  expect(padded.tokenizer.token(63)).toBe("<63>");
  expect(padded.tokenizer.decode([1, 63, 2])).toBe("dog man");
  expect(padded.tokenizer.special).toEqual(Array.from({ length: 61 }, (_, i) => i + 3));
  expect(padded.notes).toEqual(["T: names no token for 58 of the model's 64 rows, first 6"]);
  expect(() => padded.tokenizer.token(64)).toThrow(/id 64 is outside \[0, 64\)/);
  const { tokenizer, notes } = openForeign(marked, { vocabSize: 4, where: "T" });
  expect(tokenizer.mask).toBeUndefined();
  expect(notes).toEqual([
    'T: names 2 tokens for which the model has no row, such as "</s>"; a text that holds one is refused',
  ]);
  expect(tokenizer.encode("<s> dog")).toEqual([3, 1]);
  expect(() => tokenizer.encode("dog</s>")).toThrow(/T: the text holds "<\/s>", id 4, .* no row: it has 4/);
});

test("an added token that is looked for in normalized text is decoded as it is found there", () => {
  const normalizer = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const decoder = { type: "Replace", pattern: { String: "▁" }, content: " " };
  const vocab = { "<unk>": 0, a: 1, "▁": 2 };
  const model = { type: "BPE", vocab, merges: [], unk_token: "<unk>" };
  const spoken = (normalized: boolean) => {
    const added_tokens = [added(3, "a a", { normalized, special: false })];
    const tokenizer = foreignTokenizer({ normalizer, decoder, model, added_tokens });
    const ids = tokenizer.encode("a a");
    return [ids, tokenizer.decode(ids), tokenizer.token(3)];
  };
  expect(spoken(true)).toEqual([[3], "a a", "a a"]);
  expect(spoken(false)).toEqual([[3], "a a", "a a"]);
  const lower = {
    normalizer: { type: "Lowercase" },
    ...base,
    added_tokens: [added(3, "ABC", { normalized: true })],
  };
  const tokenizer = foreignTokenizer(lower);
  expect(tokenizer.decode(tokenizer.encode("dog aBc man"))).toBe("dog abc man"); // as tokenizers 0.23
});
