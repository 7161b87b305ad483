import { describe, expect, test } from "vitest";
import { nouns, verbs } from "../../src/data/corpora/who-words.ts";
import { apartText, firstApart } from "../../src/playground/first-apart.ts";
import { lossSummary } from "../../src/playground/loss-summary.ts";
import { DEFAULTS } from "../../src/playground/state.ts";
import {
  continuationOf,
  exchanged,
  inOtherVoice,
  isFact,
  moved,
  storyOf,
} from "../../src/playground/story.ts";

describe("the sentence on the screen", () => {
  test("its two orders have the same words, and the question names its verb", () => {
    expect(storyOf(DEFAULTS, verbs)).toEqual({
      first: "dog bites man",
      second: "man bites dog",
      continuation: ". who bites ?",
    });
    expect(continuationOf(["dog", "is", "seen", "by", "man"], "patient", verbs)).toBe(". who is seen ?");
    expect(continuationOf(["dog", "is", "seen", "by", "man"], "nothing", verbs)).toBe("");
  });

  test("the other voice tells the same fact, and twice the other is the first", () => {
    const passive = inOtherVoice(DEFAULTS, verbs);
    expect(passive.words.join(" ")).toBe("man is bitten by dog");
    expect(passive.order.map((place) => passive.words[place]).join(" ")).toBe("dog is bitten by man");
    expect(inOtherVoice(passive, verbs)).toEqual({ words: DEFAULTS.words, order: DEFAULTS.order });
    expect(nouns).toContain(DEFAULTS.words[0]);
  });

  test.each([
    ["dog bites man", true],
    ["dog is bitten by man", true],
    ["dog bites dog", false],
    ["bites dog man", false],
    ["foo bites man", false],
    ["dog is bites by man", false],
  ])("of %s it says whether the world has such a fact: %s", (words, is) => {
    expect(isFact(words.split(" "), { nouns, verbs })).toBe(is);
  });

  test("a word that is moved lets the others close up; two that are exchanged trade places", () => {
    expect(moved([0, 1, 2], 0, 2)).toEqual([1, 2, 0]);
    expect(moved([0, 1, 2], 2, 0)).toEqual([2, 0, 1]);
    expect(moved([0, 1, 2], 0, 3)).toEqual([0, 1, 2]);
    expect(exchanged([0, 1, 2], 0, 2)).toEqual([2, 1, 0]);
  });
});

describe("the layer that first tells two orders apart", () => {
  test.each([
    [[0, 1e-14, 0.004], 2, /^layer 2 /],
    [[0.5, 0.2, 0.1], 0, /^the embedding /],
    [[0, 1e-9, 0], undefined, /^no layer /],
    [[null, 0.1, 0.2], 1, /^layer 1 /],
  ])("of distances %j it is %s", (distanceByLayer, layer, text) => {
    expect(firstApart({ distanceByLayer })).toBe(layer);
    expect(apartText({ distanceByLayer })).toMatch(text);
  });
});

describe("what a curve of losses says past L_max", () => {
  test("it holds where the mean so far stays within 0.02 nats to its end", () => {
    expect(lossSummary([1, 1, 0.5, 0.5, 0.5, 0.5], 4)).toEqual({
      ...{ inside: 0.5, past: 0.5, headroom: 2, holds: true },
    });
  });

  test("it breaks where the mean leaves them, and says after how many tokens", () => {
    const { past, headroom, holds } = lossSummary([1, 1, 1, 1, 1, 3], 4);
    expect([past, headroom, holds]).toEqual([2, 1, false]);
  });

  test("within L_max nothing lies past it", () => {
    expect(lossSummary([1, 1], 4).past).toBeUndefined();
  });
});
