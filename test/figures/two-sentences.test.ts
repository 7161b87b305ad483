/**
 * Two sentences side by side: what is drawn is what was compared, and the sentence tells the
 * question that parts them most.
 */
import { expect, test } from "vitest";
import { likeliest, twoSentences } from "../../src/figures/two-sentences.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import type { Comparison } from "../../src/probes/pair.ts";
import { result } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const next = (...tokens: [token: string, probability: number][]) =>
  tokens.map(([token, probability]) => ({ token, probability }));
const bare: Comparison = {
  continuation: "",
  next: [next([" the", 0.6], ["dog", 0.3]), next([" the", 0.5], ["dog", 0.4])],
  divergenceBits: 0.02,
  distanceByLayer: [0, null, 0.3],
};
const asked: Comparison = {
  continuation: "who bites ?",
  next: [next(["dog", 0.9], ["man", 0.05]), next(["man", 0.8], ["dog", 0.15])],
  divergenceBits: 0.61,
  distanceByLayer: [0, 0.2, 0.7],
};
const compared = {
  ...result("rope"),
  comparison: { sentences: ["dog bites man", "man bites dog"], comparisons: [bare, asked] } as const,
};

test("the sentence tells the continuation after which the two are furthest apart", () => {
  expect(twoSentences.sentence([compared])).toBe(
    "After “dog bites man who bites ?” the likeliest next word is “dog” (90%), after “man bites dog who bites ?” it is “man” (80%); the two distributions are 0.61 bits of at most 1 apart.",
  );
});

test("each continuation has its bars, with spaces that can be seen, and the layers one chart", () => {
  const { figures = [] } = twoSentences.draw([compared], document) ?? {};
  expect(figures.map(({ title }) => title)).toEqual([
    "right after them: 0.02 bits apart",
    "after “who bites ?”: 0.61 bits apart",
    expect.stringContaining("layer by layer"),
  ]);
  const [first, second] = figures;
  for (const text of ["·the", "60%", "50%", "■ dog bites man", "■ man bites dog"])
    expect(first?.svg).toContain(`>${text}<`);
  expect(second?.narrowSvg).toContain(">90%<");
});

test("a token is as likely after the other sentence as it is, not 0 where it is not among its likeliest", () => {
  const tail: [string, number][] = ["a", "b", "c", "d"].map((token) => [token, 0.02]);
  const bars = likeliest([
    next(["dog", 0.8], ...tail, ["man", 0.015]),
    next(["man", 0.9], ["x", 0.05], ["y", 0.004], ["z", 0.001], ["u", 0.001], ["dog", 0.03]),
  ]);
  expect(bars.map(({ token }) => token)).toEqual(["man", "dog", "x", "a", "b", "c", "d"]); // no y, z, u: below a percent
  expect(bars[0]?.probabilities).toEqual([0.015, 0.9]);
  expect(bars[1]?.probabilities).toEqual([0.8, 0.03]);
});
