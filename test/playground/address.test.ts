import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress, writeAddress } from "../../src/playground/address.ts";
import {
  ASKS,
  CHAPTERS,
  DEFAULTS,
  ENGINE_CHOICES,
  MOST_STEPS,
  type PageState,
} from "../../src/playground/state.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const state: fc.Arbitrary<PageState> = fc
  .record({
    chapter: fc.constantFrom(...CHAPTERS),
    encoding: name,
    words: fc.oneof(
      fc.array(name, { minLength: 3, maxLength: 3 }),
      fc.array(name, { minLength: 5, maxLength: 5 }),
    ),
    ask: fc.constantFrom(...ASKS),
    way: fc.oneof(fc.constant(""), name),
    length: fc.integer({ min: 8, max: 4096 }),
    layer: fc.integer({ min: 0, max: 1023 }),
    head: fc.integer({ min: 0, max: 4095 }),
    encodings: fc.array(name, { minLength: 2, maxLength: 4 }),
    seed: fc.integer({ min: 0, max: 999_999_999 }),
    steps: fc.integer({ min: 0, max: MOST_STEPS }),
    first: fc.string({ maxLength: 40 }),
    second: fc.string({ maxLength: 40 }),
    reading: fc.string({ maxLength: 40 }),
    probe: fc.oneof(fc.constant(""), name),
    engine: fc.constantFrom(...ENGINE_CHOICES),
  })
  .chain((rest) =>
    fc
      .shuffledSubarray([...rest.words.keys()], { minLength: rest.words.length })
      .map((order) => ({ ...rest, order })),
  );

describe("the address of the page", () => {
  test("read ∘ write is the identity", () => {
    fc.assert(
      fc.property(state, (one) => {
        expect(readAddress(`#${writeAddress(one)}`)).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });

  test("the defaults are left out, and an empty address is them", () => {
    expect(writeAddress(DEFAULTS)).toBe("order");
    expect(readAddress("")).toEqual(DEFAULTS);
  });

  test.each([
    ["#nowhere?seed=7", { seed: 7 }],
    ["#length?length=-3&way=clamp", { chapter: "length", way: "clamp" }],
    ["#train?steps=99999999999&seed=1e3", { chapter: "train" }],
    ["#order?words=a.b&ask=why", {}],
    ["#order?order=0.0.2", {}],
    ["#order?order=1.0", {}],
    ["#compare?encodings=rope", { chapter: "compare" }],
    [`#own?first=${"x".repeat(2001)}&encoding=<script>`, { chapter: "own" }],
  ])("%s: what is wrong has its default, the rest stays", (address, expected) => {
    expect(readAddress(address)).toEqual({ ...DEFAULTS, ...expected });
  });

  test("words of the passive voice bring an order of their own", () => {
    const { words, order } = readAddress("#order?words=man.is.bitten.by.dog");
    expect([words, order]).toEqual([
      ["man", "is", "bitten", "by", "dog"],
      [4, 1, 2, 3, 0],
    ]);
  });
});
