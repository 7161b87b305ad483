import { describe, expect, it } from "vitest";
import {
  cosines,
  meanAtDistance,
  randomShiftInvariance,
  shiftInvariance,
} from "../../src/figures/geometry.ts";
import { octaveBin } from "../../src/figures/length.ts";

/** PE(pos,2k) = sin(pos/10000^{2k/d}), PE(pos,2k+1) = cos of the same. */
function sinusoidal(rows: number, columns: number) {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => {
    const [position, c] = [Math.floor(i / columns), i % columns];
    const angle = position / 10000 ** ((2 * Math.floor(c / 2)) / columns);
    return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return { rows, columns, values };
}

describe("the geometry of positions", () => {
  it("is shift-invariant for the sinusoidal table: cos(p_i, p_j) depends on i − j only", () => {
    const gram = cosines(sinusoidal(16, 8));
    expect(shiftInvariance(gram)).toBeCloseTo(1, 5);
    expect(meanAtDistance(gram, 0)).toBeCloseTo(1, 6);
    expect(meanAtDistance(gram, 16)).toBeNaN();
  });

  it("is not for a table whose rows turn at a changing speed", () => {
    const values = Float32Array.from({ length: 32 }, (_, i) =>
      (i % 2 ? Math.sin : Math.cos)((i >> 1) ** 2 / 20),
    );
    expect(shiftInvariance(cosines({ rows: 16, columns: 2, values }))).toBeLessThan(0.9);
  });

  it("leaves the diagonal out, so that a random table gets what its many distances explain by chance", () => {
    const share = randomShiftInvariance(32, 64);
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.1); // 31 means of 496 entries; with the diagonal it was 0.69
    const gram = cosines(sinusoidal(16, 8));
    const other = { ...gram, values: Float32Array.from(gram.values, (v, i) => (i % 17 === 0 ? -9 : v)) };
    expect(shiftInvariance(other)).toBe(shiftInvariance(gram));
  });

  it("has cosine 0 beside a row of zeros", () => {
    expect([...cosines({ rows: 2, columns: 1, values: [0, 3] }).values]).toEqual([0, 0, 0, 1]);
  });
});

describe("bins of lengths", () => {
  it("never hold lengths from both sides of L_max, and rise with the length", () => {
    const bins = Array.from({ length: 512 }, (_, i) => octaveBin(i + 1, 32));
    expect(bins[31]).toBeLessThanOrEqual(32);
    expect(bins[32]).toBeGreaterThan(32);
    bins.forEach((bin, i) => {
      if (i > 0) expect(bin).toBeGreaterThanOrEqual(bins[i - 1] as number);
    });
    expect(bins.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(new Set(bins).size).toBeLessThan(64);
  });
});
