/**
 * The best linear map of a table's rows to those Δ on, against a primal solution that is fitted
 * anew for each row left out.
 */
import { describe, expect, test } from "vitest";
import { linearShiftError } from "../../src/probes/linear-shift.ts";
import { createRng } from "../../src/tensor/rng.ts";

type Matrix = readonly (readonly number[])[];

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("the best linear map", () => {
  /** Ridge in the primal form of a table of two columns, and each left-out row by a fit of its own. */
  function primal(table: Matrix, by: number): number {
    const starts = Array.from({ length: table.length - by }, (_, p) => p);
    const row = (p: number) => table[p] as readonly number[];
    const even = starts.filter((p) => p % 2 === 0);
    const size = meanOf(even.map((p) => dot(row(p), row(p))));
    const solve = (of: readonly number[], ridge: number) => {
      const sum = (a: number, b: number, later: number) =>
        of.reduce((total, p) => total + (row(p)[a] as number) * (row(p + later)[b] as number), 0);
      const [aa, ab, bb] = [sum(0, 0, 0) + ridge, sum(0, 1, 0), sum(1, 1, 0) + ridge];
      const det = aa * bb - ab * ab;
      return [0, 1].map((c) => {
        const [x, y] = [sum(0, c, by), sum(1, c, by)];
        return [(bb * x - ab * y) / det, (aa * y - ab * x) / det];
      });
    };
    const miss = (map: number[][], p: number) =>
      [0, 1].reduce(
        (total, c) => total + (dot(row(p), map[c] as number[]) - (row(p + by)[c] as number)) ** 2,
        0,
      );
    const tried = Array.from({ length: 12 }, (_, i) => 10 ** (i - 10) * size).map((ridge) => {
      const without = (p: number) =>
        solve(
          even.filter((q) => q !== p),
          ridge,
        );
      return { left: even.reduce((total, p) => total + miss(without(p), p), 0), map: solve(even, ridge) };
    });
    const { map } = tried.reduce((best, one) => (one.left < best.left ? one : best));
    const odd = starts.filter((p) => p % 2 === 1);
    const mean = [0, 1].map((c) => meanOf(even.map((p) => row(p + by)[c] as number)));
    const total = odd.reduce(
      (sum, p) => sum + mean.reduce((all, m, c) => all + (m - (row(p + by)[c] as number)) ** 2, 0),
      0,
    );
    return odd.reduce((sum, p) => sum + miss(map, p), 0) / total;
  }

  test("is ridge regression on even rows, its ridge chosen by leaving one out, tested on odd rows", () => {
    const rng = createRng(1, "test/linear shift");
    const table = Array.from({ length: 14 }, (_, p) => [
      Math.cos(p / 3) + 0.3 * rng.normal(),
      Math.sin(p / 3),
    ]);
    for (const by of [1, 3]) {
      const found = linearShiftError(table.flat(), 2, by);
      expect(found?.error).toBeCloseTo(primal(table, by), 8);
      expect(found?.n).toBe(Math.floor((14 - by) / 2));
    }
  });

  test("leaves nothing of a geometric series, and gains nothing on random rows", () => {
    const series = Array.from({ length: 12 }, (_, p) => [0.9 ** p, 3 * 0.9 ** p]);
    expect(linearShiftError(series.flat(), 2, 2)?.error).toBeLessThan(1e-8);
    const rng = createRng(1, "test/random table");
    const noise = Array.from({ length: 64 * 16 }, () => rng.normal());
    expect(linearShiftError(noise, 16, 1)?.error).toBeGreaterThan(0.9);
    expect(linearShiftError([1, 2], 1, 1)).toBeNull();
  });
});
