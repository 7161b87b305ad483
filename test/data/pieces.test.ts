/** Texts cut into pieces, and what long pieces are merged with. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergePiece } from "../../src/data/tokenizers/merge.ts";
import { NumberHeap } from "../../src/data/tokenizers/number-heap.ts";
import { piecesOf, wholeWords } from "../../src/data/tokenizers/pieces.ts";
import { bytePairTraining } from "../../src/data/tokenizers/train-bpe.ts";

/** Any well-formed text, and texts of few words and much white space. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(" ", "\n", "\t", "\u0085", "\ufeff", "the", "don't", "2", "é", "🙂", ","),
    maxLength: 40,
  }),
);

describe("pieces", () => {
  test("joined are the text, however it is cut into chunks, and are those of the whole", () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (one, sizes) => {
        const chunks: string[] = [];
        const characters = [...one];
        for (let i = 0; characters.length > 0; i++)
          chunks.push(characters.splice(0, sizes[i % sizes.length]).join(""));
        const parts = [...wholeWords(chunks)];
        expect(parts.join("")).toBe(one);
        expect(parts.flatMap(piecesOf)).toEqual(piecesOf(one));
        expect(piecesOf(one).join("")).toBe(one);
      }),
    );
  });

  test("a long text without white space comes in parts, none lost", () => {
    const chunks = Array.from({ length: 5 }, () => "x".repeat(2 ** 19));
    const parts = [...wholeWords(chunks)];
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join("").length).toBe(5 * 2 ** 19);
  });

  test("of a long text without white space are those of the whole: it is cut where no piece spans the cut", () => {
    const unit = fc.constantFrom(
      "dog",
      "'",
      "'s",
      "'re",
      "don't",
      "12",
      "²",
      "é",
      "e\u0301",
      "🙂",
      "-",
      ",",
      "狗",
    );
    fc.assert(
      fc.property(fc.array(unit, { minLength: 10, maxLength: 60 }), (units) => {
        const parts = [...wholeWords(units, 20)];
        expect(parts.join("")).toBe(units.join(""));
        const pieces = piecesOf(units.join(""));
        if (pieces.every((piece) => piece.length < 10)) expect(parts.flatMap(piecesOf)).toEqual(pieces);
      }),
    );
    expect(
      [
        ...wholeWords(
          Array.from({ length: 40 }, () => "dog2"),
          20,
        ),
      ].length,
    ).toBeGreaterThan(1);
  });
});

test("a heap of numbers gives them in order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new NumberHeap();
      for (const number of numbers) heap.push(number);
      const out = numbers.map(() => heap.pop());
      expect(out).toEqual([...numbers].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

describe("a single long word costs n log n", () => {
  const letters = (n: number) =>
    Array.from({ length: n }, (_, i) => "abcdefgh"[(i * i + (i >> 3)) % 8]).join("");

  test("to merge: pairs that are looked up grow with its length", () => {
    const lookedUp = (n: number) => {
      let times = 0;
      const ids = Array.from(letters(n), (letter) => letter.charCodeAt(0));
      mergePiece(ids, (left, right) => {
        times++;
        return left < 1000 && right < 1000 ? { rank: left + right, id: left + right } : undefined;
      });
      return times;
    };
    expect(lookedUp(64_000)).toBeLessThan(20 * lookedUp(4_000));
  });

  test("to learn from: rests, which come after so many places, grow with its length and not with the vocabulary", () => {
    const rests = (n: number, vocabSize: number) =>
      [...bytePairTraining(new Map([[letters(n), 2]]), vocabSize)].length;
    expect(rests(2 ** 20, 400)).toBeLessThan(6 * 64 + 2 * (400 - 258));
  });
});
