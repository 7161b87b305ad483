/** Running text as data: windows by seed and step alone, and a config that says what it lacks. */
import { describe, expect, test } from "vitest";
import { withoutMarkup } from "../../src/data/corpora/plays.ts";
import { createText, type TextConfig, textConfig } from "../../src/data/text.ts";
import { memoryStore } from "../../src/data/token-store.ts";
import { charactersTokenizer, characterVocabulary } from "../../src/data/tokenizers/characters.ts";
import { InputError } from "../../src/errors.ts";
import { parsePreset } from "../../src/train/preset.ts";

const text = "A dog bit a man, and the man bit a dog; nobody knows why. ".repeat(20);
const tokenizer = charactersTokenizer(characterVocabulary(text));
const store = (part: string) => memoryStore(Int32Array.from(tokenizer.encode(part)), part.length);
const stores = { train: store(text.slice(0, 900)), heldout: store(text.slice(900)) };
const open = (fields: Partial<TextConfig> = {}, seed = 1) =>
  createText(
    { kind: "text", path: "x", tokenizer: "characters", bos: false, ...fields },
    { tokenizer, stores, fingerprint: "f" },
    seed,
  );

describe("windows", () => {
  test("a batch depends on seed and step alone, and each split's validation is its own", () => {
    const [one, other] = [open(), open()];
    const later = one.batch(7, 4, 16);
    for (let step = 0; step < 3; step++) other.batch(step, 4, 16);
    expect(other.batch(7, 4, 16)).toEqual(later);
    expect(one.batch(8, 4, 16)).not.toEqual(later);
    expect(open({}, 2).batch(7, 4, 16)).not.toEqual(later);
    expect(one.validation("heldout", 0, 4, 16)).toEqual(other.validation("heldout", 0, 4, 16));
    expect(one.validation("heldout", 1, 4, 16)).not.toEqual(one.validation("heldout", 0, 4, 16));
    expect(one.validation("train", 0, 4, 16)).not.toEqual(one.batch(0, 4, 16));
  });

  test("of a validation are the same for every seed, and the first n lie evenly over the split", () => {
    for (let index = 0; index < 3; index++)
      expect(open({}, 2).validation("train", index, 4, 16)).toEqual(open().validation("train", index, 4, 16));
    const split = [...Array(10_000).keys()];
    const numbers = memoryStore(Int32Array.from(split), split.length);
    const data = createText(
      { kind: "text", path: "x", tokenizer: "characters", bos: false },
      { tokenizer, stores: { train: numbers, heldout: numbers }, fingerprint: "f" },
      1,
    );
    for (const n of [4, 10, 50, 200]) {
      const { tokens } = data.validation("heldout", 0, n, 16);
      const starts = Array.from({ length: n }, (_, row) => tokens[row * 16] as number).sort((a, b) => a - b);
      const gaps = starts.map((start, i) => (starts[i + 1] ?? split.length + (starts[0] as number)) - start);
      expect(Math.max(...gaps)).toBeLessThan((4 * split.length) / n); // drawn at random, 200 leave one of 6
    }
  });

  test.each([false, true])("of a validation are the whole split, each target once (bos: %s)", (bos) => {
    const data = open({ bos });
    const windows = data.validationWindows?.("heldout", 16) ?? 0;
    const first = bos ? 0 : 1;
    expect(windows).toBe(Math.floor((260 - first) / 16));
    const { targets } = data.validation("heldout", 0, windows, 16);
    const rows = Array.from({ length: windows }, (_, row) =>
      tokenizer.decode([...targets.subarray(row * 16, (row + 1) * 16)]),
    );
    const side = Array.from({ length: windows }, (_, i) =>
      text.slice(900 + first + i * 16, 900 + first + (i + 1) * 16),
    );
    expect(rows.sort()).toEqual(side.sort());
    expect(data.validation("heldout", 1, windows, 16).targets).not.toEqual(targets); // between them
  });

  test("are pieces of their own split, each target the next token, and every place is drawn", () => {
    const seen = new Set<number>();
    for (let step = 0; step < 300; step++) {
      const { tokens, targets } = open().batch(step, 8, 16);
      for (let row = 0; row < 8; row++) {
        const window = [...tokens.subarray(row * 16, (row + 1) * 16), targets[row * 16 + 15] ?? -1];
        expect(targets[row * 16]).toBe(tokens[row * 16 + 1]);
        const at = text.slice(0, 900).indexOf(tokenizer.decode(window));
        expect(at).toBeGreaterThanOrEqual(0);
        seen.add(at);
      }
    }
    expect(seen.size).toBe(58); // the text repeats itself after as many
  });

  test("with bos, it opens each window, and the text after it is L tokens long", () => {
    const { tokens, targets } = open({ bos: true }).batch(0, 2, 16);
    expect([tokens[0], tokens[16]]).toEqual([tokenizer.bos, tokenizer.bos]);
    expect(text).toContain(tokenizer.decode([...targets.subarray(0, 16)]));
  });

  test("longer than the text are refused, with both lengths", () => {
    expect(() => open().validation("heldout", 0, 1, 400)).toThrow(
      "the heldout part of the text has 260 tokens, fewer than a window of 401",
    );
    expect(open().validation("heldout", 0, 1, 259).length).toBe(259);
  });

  test("<unk> is charged what spelling its words takes, by a uniform code over characters and an end", () => {
    const unknown = { pieces: 10, characters: 40 };
    const words = { ...memoryStore(new Int32Array(100), 300), unknown };
    const { unknownNatsPerToken } = createText(
      { kind: "text", path: "x", tokenizer: "words", bos: false },
      { tokenizer, stores: { train: words, heldout: store("a dog") }, alphabet: 27, fingerprint: "f" },
      1,
    );
    expect(unknownNatsPerToken?.train).toBeCloseTo((50 * Math.log(28)) / 100, 9);
    expect(unknownNatsPerToken?.heldout).toBe(0);
  });

  test("characters of a token are counted over the whole split", () => {
    expect(open().charactersPerToken).toEqual({ heldout: 1, train: 1 });
  });
});

describe("data of kind text", () => {
  const parsed = (fields: object) => textConfig.parse({ kind: "text", ...fields });

  test("resolves its defaults, and a path comes before a corpus", () => {
    expect(parsed({ corpus: "shakespeare" })).toEqual({
      kind: "text",
      corpus: "shakespeare",
      tokenizer: "characters",
      bos: false,
    });
    expect(parsed({ corpus: "shakespeare", path: "my.txt", tokenizer: "bpe" })).toEqual({
      kind: "text",
      path: "my.txt",
      tokenizer: "bpe",
      vocabSize: 1024,
      bos: false,
    });
    const once = parsed({ path: "my.txt", tokenizer: "words", vocabSize: 300 });
    expect(textConfig.parse(once)).toEqual(once);
  });

  const model = { position: { kind: "none" } };
  test.each([
    [{}, /^a\.json: data: needs a text: "corpus", such as "shakespeare", or "path"/],
    [
      { path: "x", vocabSize: 300 },
      /^a\.json: data\.vocabSize: only the tokenizers "words" and "bpe" have a size$/,
    ],
    [
      { path: "x", facts: 2 },
      /^a\.json: data\.facts is not a field; known here: kind, corpus, path, tokenizer, vocabSize, bos$/,
    ],
    [{ corpus: "bible" }, /^a\.json: data\.corpus: .*"shakespeare"/],
    [{ path: "x", tokenizer: "sentencepiece" }, /^a\.json: data\.tokenizer: .*"bpe"/],
  ])("refuses %j", (fields, message) => {
    const preset = { name: "a", model, data: { kind: "text", ...fields } };
    expect(() => parsePreset(preset, "a.json")).toThrow(InputError);
    expect(() => parsePreset(preset, "a.json")).toThrow(message);
  });
});

test("a play without markup keeps its words and lines", () => {
  const markdown =
    "# King John\n\n## ACT I\n\n### SCENE I. KING JOHN'S palace.\n\n_Enter KING JOHN_\n\n**KING JOHN**  \nNow, say, *Chatillon*,  \n\\[Aside\\] what & would\\\nFrance?\n\n\n\nEnd\n";
  expect(withoutMarkup(markdown)).toBe(
    "King John\n\nACT I\n\nSCENE I. KING JOHN'S palace.\n\nEnter KING JOHN\n\nKING JOHN\nNow, say, Chatillon,\n[Aside] what & would\nFrance?\n\nEnd\n",
  );
});
