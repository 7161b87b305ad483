/** Counting in bounded memory: what is kept is right, and what is not is known. */
import ranks from "gpt-tokenizer/bpeRanks/r50k_base";
import { describe, expect, test } from "vitest";
import { bytePairTokenizer } from "../../src/data/tokenizers/byte-pairs.ts";
import { compactGpt2 } from "../../src/data/tokenizers/gpt2.ts";
import { PieceCounts } from "../../src/data/tokenizers/piece-counts.ts";
import { trainBytePairs } from "../../src/data/tokenizers/train-bpe.ts";

/** n words of their own, of lower-case letters. */
const words = (n: number, start = 0) =>
  Array.from(
    { length: n },
    (_, i) =>
      ` ${(i + start + 26 ** 4).toString(26).replace(/[0-9]/g, (d) => "qrstuvwxyz"[Number(d)] as string)}`,
  );

const counted = (texts: readonly string[], most: number) => {
  const counts = new PieceCounts(most);
  for (const text of texts) counts.add(text);
  return counts;
};

describe("more different pieces than there is room for", () => {
  test("the commonest stay, the rarest go, and the share that went is told", () => {
    const text = Array.from({ length: 9 }, (_, i) => ` ${"abcdefghi"[i]}`.repeat(i + 1)).join("");
    const all = counted([text], 9);
    expect([all.counts.size, all.forgottenShare, all.lacking]).toEqual([9, 0, 0]);
    const some = counted([text], 8);
    expect([...some.counts.keys()]).toEqual([" f", " g", " h", " i"]);
    expect(some.lacking).toBe(5);
    expect(some.forgottenShare).toBeCloseTo((1 + 2 + 3 + 4 + 5) / 45, 9);
  });

  test("a count lacks no more than is told, and what occurs more often is always there", () => {
    const rare = words(400);
    const texts = rare.map((word, i) => `${word}${" dog".repeat(3)}${i % 4 ? " man" : ""}`);
    const { counts, lacking } = counted(texts, 40);
    expect(lacking).toBeGreaterThan(0);
    for (const [word, times] of [
      [" dog", 1200],
      [" man", 300],
    ] as const) {
      expect(counts.get(word)).toBeLessThanOrEqual(times);
      expect(counts.get(word)).toBeGreaterThanOrEqual(times - lacking);
    }
  });

  test("of words that all occur once, some from all over the text stay, and byte pairs are still learned", () => {
    const all = words(1000);
    const { counts } = counted([all.join("")], 512);
    const places = [...counts.keys()].map((word) => all.indexOf(word));
    expect(places.length).toBe(256);
    for (let tenth = 0; tenth < 10; tenth++)
      expect(places.filter((at) => Math.floor(at / 100) === tenth).length).toBeGreaterThan(20);
    expect(trainBytePairs(counts, 300).merges.length).toBe(42);
  });

  test("a piece takes room by its length", () => {
    const { counts } = counted([`${"x".repeat(1600)} dog bit man`], 64);
    expect([...counts.keys()]).toEqual([" dog", " bit", " man"]);
  });
});

test("gpt2: what is kept does not depend on how many different words there are, nor on their order", () => {
  const many = words(300_000); // more than are remembered
  const few = many.filter((_, i) => i % 1000 === 0);
  const kept = compactGpt2(ranks, [...many, ...few]);
  expect(compactGpt2(ranks, [...few.toReversed(), ...many.toReversed()])).toEqual(kept);
  const [whole, own] = [bytePairTokenizer(kept), bytePairTokenizer(compactGpt2(ranks, few))];
  for (const word of few)
    expect(whole.encode(word).map(whole.token)).toEqual(own.encode(word).map(own.token));
}, 60_000);
