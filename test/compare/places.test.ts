/** Places in an order, and the exact p of two orders. */
import { expect, test } from "vitest";
import { pairCounts, permutationP } from "../../src/compare/kendall.ts";
import { placedIn } from "../../src/compare/places.ts";

const ranked = (of: Readonly<Record<string, readonly number[]>>) =>
  new Map(
    Object.entries(of).map(([name, values]) => [name, new Map(values.map((value, i) => [i + 1, value]))]),
  );

test("what was shown to be better comes before; equal means share the middle of their places", () => {
  const found = placedIn(ranked({ a: [9, 9.01, 9.02], b: [1, 1.5, 1], c: [1, 1, 1.5], d: [5, 4.99, 5.02] }), [
    "a",
    "b",
    "c",
    "d",
  ]);
  expect(found.get("a")).toMatchObject({ place: 1, range: { best: 1, last: 1 } });
  expect(found.get("d")).toMatchObject({ place: 2, range: { best: 2, last: 2 } });
  for (const name of ["b", "c"])
    expect(found.get(name)).toMatchObject({ place: 3.5, range: { best: 3, last: 4 } });
});

test("two seeds tell nothing apart: a place has no range", () => {
  expect(placedIn(ranked({ a: [9, 9], b: [1, 1] }), ["a", "b"]).get("a")).toEqual({
    place: 1,
    range: undefined,
  });
});

test.each([
  ["one order of four", [1, 2, 3, 4], [1, 2, 3, 4], 2 / 24],
  ["one pair turned: 3 orders each way have one inversion, 1 none", [1, 2, 3, 4], [1, 2, 4, 3], 8 / 24],
  ["a tie stays a tie: 2 of 3 places of the odd one lie at an end", [1, 2, 3], [1, 1, 2], 4 / 6],
])("exact p, %s", (_, xs, ys, expected) => {
  expect(permutationP(xs, ys)).toBeCloseTo(expected, 12);
});

test("of ten, and of values that are all equal, it is not said", () => {
  const ten = Array.from({ length: 10 }, (_, i) => i);
  expect(permutationP(ten, ten)).toBeUndefined();
  expect(permutationP([1, 2, 3], [1, 1, 1])).toBeUndefined();
  expect(pairCounts([1, 1, 2], [1, 2, 3])).toEqual({ agree: 2, oppose: 0, tied: 1 });
});
