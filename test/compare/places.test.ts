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

/** How many orders of n have k inversions, by Mahonian numbers. */
function ordersByInversions(n: number): number[] {
  let counts = [1];
  for (let size = 2; size <= n; size++) {
    const before = counts;
    const most = (size * (size - 1)) / 2;
    counts = Array.from({ length: most + 1 }, (_, k) =>
      before.slice(Math.max(0, k - size + 1), k + 1).reduce((sum, one) => sum + one, 0),
    );
  }
  return counts;
}

test.each([8, 20, 35])(
  "of 12 values orders are drawn: p within four of its errors, %i inversions",
  (wanted) => {
    const twelve = Array.from({ length: 12 }, (_, i) => i);
    const order = [...twelve];
    for (let turned = 0; turned < wanted; turned++) {
      const i = order.findIndex((one, at) => one < (order[at + 1] ?? -1)); // the first pair that is not turned yet
      [order[i], order[i + 1]] = [order[i + 1] as number, order[i] as number];
    }
    const counts = ordersByInversions(12);
    const pairs = counts.length - 1;
    const isFar = (inversions: number) => Math.abs(pairs - 2 * inversions) >= Math.abs(pairs - 2 * wanted);
    const sum = (of: readonly number[]) => of.reduce((total, one) => total + one, 0);
    const exact = sum(counts.filter((_, k) => isFar(k))) / sum(counts);
    const found = permutationP(twelve, order) as number;
    expect(Math.abs(found - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 20_000) + 1 / 20_000);
    expect(permutationP(twelve, order)).toBe(found);
  },
);

test("of values that are all equal it is not said", () => {
  expect(permutationP([1, 2, 3], [1, 1, 1])).toBeUndefined();
  expect(pairCounts([1, 1, 2], [1, 2, 3])).toEqual({ agree: 2, oppose: 0, tied: 1 });
});
