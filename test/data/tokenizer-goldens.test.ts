/**
 * The tokenizers against PyPI's `tokenizers` (test/goldens/make-tokenizers.py) and against the npm
 * package `gpt-tokenizer`.
 */
import { readFileSync } from "node:fs";
import { encode } from "gpt-tokenizer/encoding/r50k_base";
import { describe, expect, test } from "vitest";
import { bytePairTokenizer } from "../../src/data/tokenizers/byte-pairs.ts";
import { countPieces } from "../../src/data/tokenizers/pieces.ts";
import { trainBytePairs } from "../../src/data/tokenizers/train-bpe.ts";
import { tokenizersOf } from "./tokenizers-of.ts";

interface Goldens {
  readonly prose: string;
  readonly trained: readonly {
    readonly text: string;
    readonly vocabSize: number;
    readonly tokens: readonly string[];
    readonly merges: readonly (readonly [string, string])[];
    readonly ids: readonly (readonly [string, readonly number[]])[];
  }[];
  readonly read: readonly {
    readonly kind: string;
    readonly written: unknown;
    readonly ids: readonly (readonly [string, readonly number[]])[];
    readonly decoded: string;
  }[];
}

const path = new URL("../goldens/tokenizers.json", import.meta.url);
const goldens: Goldens = JSON.parse(readFileSync(path, "utf8"));
const made: Record<string, ReturnType<typeof bytePairTokenizer>> = tokenizersOf(goldens.prose);

describe("byte-pair encoding learns the tokens and merges of PyPI's tokenizers, in their order", () => {
  test.each(goldens.trained.map((one, i) => [i, one] as const))("text %i", (_, golden) => {
    const learned = trainBytePairs(countPieces(golden.text), golden.vocabSize);
    expect(learned.merges).toEqual(golden.merges);
    expect(learned.tokens).toEqual(golden.tokens);
    const tokenizer = bytePairTokenizer(learned);
    for (const [text, ids] of golden.ids) expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
  });

  test("the goldens hold merges to differ in", () => {
    expect(goldens.trained.every(({ merges }) => merges.length > 20)).toBe(true);
  });
});

describe("PyPI's tokenizers reads what is saved, and gives the same ids and text", () => {
  test.each(goldens.read.map((one) => [one.kind, one] as const))("%s", (kind, golden) => {
    const tokenizer = made[kind];
    expect(tokenizer?.toJSON()).toEqual(golden.written);
    expect(golden.ids.length).toBeGreaterThan(4);
    for (const [text, ids] of golden.ids) expect(tokenizer?.encode(text), JSON.stringify(text)).toEqual(ids);
    expect(tokenizer?.decode(tokenizer.encode(goldens.prose))).toBe(golden.decoded);
  });
});

test("GPT-2's tokens of a text are those of gpt-tokenizer, renumbered, and few besides", () => {
  const { gpt2 } = made;
  const theirs = encode(goldens.prose, { disallowedSpecial: new Set() });
  const ours = gpt2?.encode(goldens.prose) ?? [];
  expect(ours.length).toBe(theirs.length);
  const renumbered = new Map(theirs.map((id, i) => [id, ours[i]]));
  expect(theirs.map((id) => renumbered.get(id))).toEqual(ours);
  expect(gpt2?.vocabSize).toBeLessThan(new Set(theirs).size + 256 + 200);
});
