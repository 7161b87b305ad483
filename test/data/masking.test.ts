import { expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { maskBatch } from "../../src/data/masking.ts";
import { InputError } from "../../src/errors.ts";
import { createRng } from "../../src/tensor/rng.ts";

const data = openWho(whoConfig.parse({ kind: "who", packing: "story" }), 1);
const maskId = data.tokenizer.mask ?? -1;
const options = { maskId, vocabSize: data.tokenizer.vocabSize, special: data.special };
const plain = data.batch(0, 512, 32);
const masked = maskBatch(plain, createRng(1, "data/mask/0"), options);

test("targets are the tokens themselves, and whatever differs from them has weight 1", () => {
  expect(masked.targets).toEqual(plain.tokens);
  masked.tokens.forEach((id, place) => {
    if (id !== plain.tokens[place]) expect(masked.weights?.[place]).toBe(1);
  });
});

test("15 % of the words of each row are chosen, and no special token", () => {
  for (let row = 0; row < 512; row++) {
    const places = Array.from({ length: 32 }, (_, i) => row * 32 + i);
    const words = places.filter((place) => !data.special.includes(plain.tokens[place] ?? -1));
    const chosen = places.filter((place) => masked.weights?.[place] === 1);
    expect(chosen.length).toBe(Math.round(0.15 * words.length));
    expect(chosen.every((place) => words.includes(place))).toBe(true);
  }
});

test("of the chosen 80 % become <mask>, 10 % another word and 10 % stay", () => {
  const chosen = [...masked.tokens.keys()].filter((place) => masked.weights?.[place] === 1);
  const share = (fits: (place: number) => boolean) => chosen.filter(fits).length / chosen.length;
  const n = chosen.length;
  // Four standard errors; a random word is the old one once in 41, within that margin.
  const margin = (p: number) => 4 * Math.sqrt((p * (1 - p)) / n);
  expect(Math.abs(share((place) => masked.tokens[place] === maskId) - 0.8)).toBeLessThan(margin(0.8));
  expect(Math.abs(share((place) => masked.tokens[place] === plain.tokens[place]) - 0.1)).toBeLessThan(
    margin(0.1),
  );
});

test("the same stream masks the same places, and the batch is left as it was", () => {
  const before = plain.tokens.slice();
  expect(maskBatch(plain, createRng(1, "data/mask/0"), options)).toEqual(masked);
  expect(maskBatch(plain, createRng(1, "data/mask/1"), options)).not.toEqual(masked);
  expect(plain.tokens).toEqual(before);
});

test("the smallest rate still chooses a token in each row, and impossible options are refused", () => {
  const one = maskBatch(plain, createRng(1, "test"), { ...options, rate: 0.001 });
  expect(one.weights?.reduce((sum, weight) => sum + weight, 0)).toBe(512);
  for (const rate of [0, -1, 1.1, Number.NaN]) {
    expect(() => maskBatch(plain, createRng(1, "test"), { ...options, rate })).toThrow(InputError);
  }
  expect(() => maskBatch(plain, createRng(1, "test"), { maskId: 0, vocabSize: 1 })).toThrow(InputError);
});
