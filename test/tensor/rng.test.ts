/** Random streams: repeatable, restorable, and of the distributions that they claim. */
import { expect, test } from "vitest";
import { createRng, type Rng, restoreRng, shuffled } from "../../src/tensor/rng.ts";

const DRAWS = 20_000;
/**
 * Standard errors that a mean may be off: chance exceeds five once in a million, and the streams
 * are fixed.
 */
const ERRORS = 5;
const draw = (next: () => number, count = DRAWS) => Array.from({ length: count }, next);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const expectMean = (values: readonly number[], mean: number, deviation: number) =>
  expect(Math.abs(meanOf(values) - mean)).toBeLessThan((ERRORS * deviation) / Math.sqrt(values.length));
const sample = (rng: Rng) => [rng.uniform(), rng.integer(1000), rng.normal(), rng.uniform()];

test("the same seed and name give the same numbers; another of either gives others", () => {
  const numbers = sample(createRng(1, "a"));
  expect(sample(createRng(1, "a"))).toEqual(numbers);
  for (const other of [createRng(2, "a"), createRng(1, "b"), createRng(11, "a"), createRng(1, "1/a")]) {
    expect(sample(other)).not.toEqual(numbers);
  }
});

test("a restored stream goes on where its state was saved, also through JSON", () => {
  const rng = createRng(3, "saved");
  sample(rng);
  const state = JSON.parse(JSON.stringify(rng.state()));
  const next = sample(rng);
  expect(sample(restoreRng(state))).toEqual(next);
  expect(sample(restoreRng(state))).toEqual(next);
});

test("uniform is in [0, 1), of mean ½ and variance 1/12", () => {
  const rng = createRng(1, "uniform");
  const values = draw(() => rng.uniform());
  expect(values.every((u) => u >= 0 && u < 1)).toBe(true);
  expectMean(values, 1 / 2, Math.sqrt(1 / 12));
  const squares = values.map((u) => (u - 1 / 2) ** 2);
  expectMean(squares, 1 / 12, Math.sqrt(1 / 180)); // E(u − ½)⁴ = 1/80, less 1/144
});

test("normal has the moments 0, 1, 0 and 3", () => {
  const rng = createRng(1, "normal");
  const values = draw(() => rng.normal());
  expect(values.every(Number.isFinite)).toBe(true);
  expectMean(values, 0, 1);
  // Var(zᵏ) = E z²ᵏ − (E zᵏ)², with E z² = 1, E z⁴ = 3, E z⁶ = 15, E z⁸ = 105
  for (const [power, mean, variance] of [
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ] as const) {
    expectMean(
      values.map((z) => z ** power),
      mean,
      Math.sqrt(variance),
    );
  }
});

test("integer(n) gives each of 0 … n − 1 as often, and nothing else", () => {
  const rng = createRng(1, "integer");
  const values = draw(() => rng.integer(7));
  expect([...new Set(values)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (let n = 0; n < 7; n++) {
    expectMean(
      values.map((value) => (value === n ? 1 : 0)),
      1 / 7,
      Math.sqrt(6 / 49),
    );
  }
  expect(draw(() => rng.integer(1), 5)).toEqual([0, 0, 0, 0, 0]);
});

test("shuffled gives a permutation, leaves its argument alone and gives each of the 6 orders of 3 as often", () => {
  const items = [1, 2, 3];
  const rng = createRng(1, "shuffled");
  const orders = Array.from({ length: DRAWS }, () => shuffled(items, rng).join(""));
  expect(items).toEqual([1, 2, 3]);
  expect([...new Set(orders)].sort()).toEqual(["123", "132", "213", "231", "312", "321"]);
  for (const order of new Set(orders)) {
    expectMean(
      orders.map((one) => (one === order ? 1 : 0)),
      1 / 6,
      Math.sqrt(5 / 36),
    );
  }
});
