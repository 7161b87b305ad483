/** Tables whose similarity by distance and number of directions are known in closed form. */
import { expect, test } from "vitest";
import { analysePositions } from "../../src/probes/position-table.ts";

const P = 64;

/** Rows of cosines and sines that turn whole times over the table, so that their means are zero. */
function turning(turns: readonly number[], offset = 0): Float32Array {
  const width = 2 * turns.length;
  return Float32Array.from({ length: P * width }, (_, i) => {
    const angle = (2 * Math.PI * (turns[Math.floor((i % width) / 2)] as number) * Math.floor(i / width)) / P;
    return offset + (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
}

test.each([0, 5])("one frequency, moved by %d: cos(ωd), and two directions", (offset) => {
  const { cosineByDistance, effectiveDimensions } = analysePositions(turning([3], offset), 2);
  expect(cosineByDistance.map(({ distance }) => distance)).toEqual([1, 2, 4, 8, 16, 32]);
  for (const { distance, cosine } of cosineByDistance) {
    expect(cosine).toBeCloseTo(Math.cos((2 * Math.PI * 3 * distance) / P), 5);
  }
  expect(effectiveDimensions).toBeCloseTo(2, 5);
});

test("three frequencies: the mean of three cosines, and six directions", () => {
  const { cosineByDistance, effectiveDimensions } = analysePositions(turning([1, 2, 5]), 6);
  for (const { distance, cosine } of cosineByDistance) {
    const expected = [1, 2, 5].reduce((sum, n) => sum + Math.cos((2 * Math.PI * n * distance) / P) / 3, 0);
    expect(cosine).toBeCloseTo(expected, 5);
  }
  expect(effectiveDimensions).toBeCloseTo(6, 5);
});
