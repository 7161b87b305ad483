/** The intervals of the report against tables and a published example. */
import { describe, expect, test } from "vitest";
import { fractionInterval, seedInterval } from "../../src/compare/intervals.ts";

describe("over seeds", () => {
  // Student's t at 0.975, from the usual tables (three decimals).
  test.each([
    [2, 12.706],
    [3, 4.303],
    [5, 2.776],
    [10, 2.262],
    [31, 2.042],
  ])("half the width for %i seeds is t·s/√n with t = %d", (n, t) => {
    const values = Array.from({ length: n }, (_, i) => i);
    const mean = (n - 1) / 2;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
    const found = seedInterval(values);
    const half = ((found?.high ?? 0) - (found?.low ?? 0)) / 2;
    expect(half / (deviation / Math.sqrt(n))).toBeCloseTo(t, 3);
    expect(((found?.high ?? 0) + (found?.low ?? 0)) / 2).toBeCloseTo(mean, 12);
  });

  test("one seed has none", () => {
    expect(seedInterval([1])).toBeUndefined();
  });
});

describe("over cases", () => {
  test("is Wilson's: 15 of 148 is 0.0624 to 0.1605 (Newcombe 1998, Statistics in Medicine 17, table I)", () => {
    const { low, high } = fractionInterval(15 / 148, 148) ?? { low: 0, high: 0 };
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(["0.0624", "0.1605"]);
  });

  test("stays in [0, 1] and has a width at 0 and 1", () => {
    expect(fractionInterval(0, 20)?.low).toBe(0);
    expect(fractionInterval(0, 20)?.high).toBeGreaterThan(0.1);
    expect(fractionInterval(1, 20)?.high).toBe(1);
  });
});
