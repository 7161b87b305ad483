/** ALiBi's slopes against BLOOM's and its bias against x-transformers', and against a loop. */
import { beforeAll, expect, test } from "vitest";
import { slopes } from "../../src/encodings/alibi.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest } from "../model/small.ts";
import { biasOf, GOLDEN, golden, lower, upTo } from "./calls.ts";

const goldens = golden<{ slopes: Record<string, number[]>; bias: Record<string, number[][][]> }>("alibi");

beforeAll(async () => {
  await startTestEngine();
});

/** The authors' recursion, as fairseq's transformer.py has it. */
test.each([
  { H: 2, expected: [0.0625, 0.00390625] },
  { H: 3, expected: [0.0625, 0.00390625, 0.25] },
  { H: 4, expected: [0.25, 0.0625, 0.015625, 0.00390625] },
  { H: 6, expected: [0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125] },
  { H: 8, expected: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => 2 ** -n) },
  {
    H: 12,
    expected: [...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => 2 ** -n), ...[0.5, 1.5, 2.5, 3.5].map((n) => 2 ** -n)],
  },
])("the slopes of $H heads are $expected", ({ H, expected }) => {
  expect(furthest(slopes(H), expected)).toBeLessThan(1e-15);
});

test.each(Object.entries(goldens.slopes))("the slopes of %s heads are BLOOM's", (H, expected) => {
  expect(furthest(slopes(Number(H)), expected)).toBeLessThan(1e-7);
});

test.each(Object.entries(goldens.bias))("the bias of %s heads is x-transformers'", (H, expected) => {
  const bias = biasOf({ kind: "alibi" }, { heads: Number(H) }, { query: upTo(8) });
  expect(furthest(bias, expected)).toBeLessThan(GOLDEN);
});

test("−m_h·|i − j| at any positions of any queries and keys, symmetric", () => {
  const [query, key] = [
    [2.5, 40],
    [0, 2.5, 7, 3000],
  ];
  const bias = biasOf({ kind: "alibi" }, { heads: 2, attention: "bidirectional" }, { query, key });
  const expected = slopes(2).map((m) => query.map((i) => key.map((j) => -m * Math.abs(i - j))));
  expect(furthest(bias, expected)).toBeLessThan(GOLDEN);
});

test("the bias is outside the 1/√D", () => {
  const of = (headWidth: number) => biasOf({ kind: "alibi" }, { heads: 2, headWidth }, { query: upTo(5) });
  expect(of(16)).toEqual(of(4));
  expect(lower(of(4)[0] as number[][])[4]).toEqual([-0.25, -0.1875, -0.125, -0.0625, -0]);
});
