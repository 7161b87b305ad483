/** Angles of far positions against double precision. */
import { beforeAll, expect, test } from "vitest";
import { anglesOf } from "../../src/tensor/angles.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";

beforeAll(async () => {
  await startTestEngine();
});

/** Frequencies from 1 down, those of a head of 64 columns; and some that float32 rounds badly. */
const OMEGA = [...Array.from({ length: 32 }, (_, k) => 10_000 ** (-k / 32)), 0.999_999_97, 1 / 3, 0.7, 0];

/** The furthest that sines and cosines of the angles are from those in double precision. */
function furthestFrom(positions: number[]): number {
  const [sin, cos] = tf.tidy(() => {
    const angles = anglesOf(tf.tensor1d(positions), OMEGA);
    return [tf.sin(angles).arraySync(), tf.cos(angles).arraySync()] as number[][][];
  });
  return Math.max(
    ...positions.flatMap((p, t) =>
      OMEGA.flatMap((w, k) => [
        Math.abs((sin?.[t]?.[k] as number) - Math.sin(p * w)),
        Math.abs((cos?.[t]?.[k] as number) - Math.cos(p * w)),
      ]),
    ),
  );
}

/** Every 97th of the 5,000 below a number. */
const below = (most: number) => Array.from({ length: 52 }, (_, i) => most - 1 - 97 * i);

test("sines are within 1e-4 of double precision up to a million, and within 2e-4 up to 2^24", () => {
  for (const most of [6000, 65_536, 500_000, 1_000_001]) expect(furthestFrom(below(most))).toBeLessThan(1e-4);
  expect(furthestFrom(below(2 ** 24))).toBeLessThan(2e-4);
  expect(furthestFrom([0.25, 511.5, 512.75, 70_000.125, 1_000_000.5, -3, -700])).toBeLessThan(1e-4);
});

test("below 512 an angle is the plain product, to the bit", () => {
  const positions = Array.from({ length: 512 }, (_, i) => i + (i % 4 === 0 ? 0.375 : 0)).slice(0, 511);
  tf.tidy(() => {
    const product = tf.mul(tf.expandDims(tf.tensor1d(positions), 1), tf.tensor2d([OMEGA]));
    expect(anglesOf(tf.tensor1d(positions), OMEGA).dataSync()).toEqual(product.dataSync());
  });
});
