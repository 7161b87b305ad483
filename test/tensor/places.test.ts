/** Reading and summing at places, against loops. */
import { beforeAll, expect, test } from "vitest";
import { hats, placesByHats, placesByIndex } from "../../src/tensor/places.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest } from "../model/small.ts";

const [B, H, T, S, P] = [2, 3, 4, 5, 6];
/** A few float32 sums of numbers of size 1. */
const ROUNDING = 1e-5;

beforeAll(async () => {
  await startTestEngine();
});

const rng = createRng(1, "test/places");
const draw = (...shape: number[]) =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal()),
    shape,
  );

test("a hat is all of a whole place, and of two neighbours what is nearer to each", () => {
  const share = hats(tf.tensor2d([[0, 2, 5, 1.25]]), P).arraySync();
  expect(share).toEqual([
    [
      [1, 0, 0, 0, 0, 0],
      [0, 0, 1, 0, 0, 0],
      [0, 0, 0, 0, 0, 1],
      [0, 0.75, 0.25, 0, 0, 0],
    ],
  ]);
});

test.each([
  ["hats", placesByHats],
  ["index", placesByIndex],
])("read and sum by %s equal loops, and each is the other's gradient", (_title, placesOf) => {
  const at = Array.from({ length: T }, () => Array.from({ length: S }, () => rng.uniform() * (P - 1)));
  at[0] = [0, P - 1, 2, P - 2, 0.5];
  const places = placesOf(tf.tensor2d(at), P);
  const [byPlace, byKey] = [draw(B, H, T, P) as tf.Tensor4D, draw(B, H, T, S) as tf.Tensor4D];
  const [x, w] = [byPlace.arraySync(), byKey.arraySync()];
  const hat = (i: number, j: number, p: number) => Math.max(0, 1 - Math.abs((at[i]?.[j] as number) - p));
  const sum = (n: number, term: (i: number) => number) =>
    Array.from({ length: n }, (_, i) => term(i)).reduce((a, b) => a + b);
  const each = (N: number, of: (b: number, h: number, i: number, n: number) => number) =>
    Array.from({ length: B }, (_, b) =>
      Array.from({ length: H }, (_, h) =>
        Array.from({ length: T }, (_, i) => Array.from({ length: N }, (_, n) => of(b, h, i, n))),
      ),
    );
  const read = each(S, (b, h, i, j) => sum(P, (p) => hat(i, j, p) * (x[b]?.[h]?.[i]?.[p] as number)));
  const summed = each(P, (b, h, i, p) => sum(S, (j) => hat(i, j, p) * (w[b]?.[h]?.[i]?.[j] as number)));
  expect(furthest(places.read(byPlace).arraySync(), read)).toBeLessThan(ROUNDING);
  expect(furthest(places.sum(byKey).arraySync(), summed)).toBeLessThan(ROUNDING);
  const ofRead = tf.grad((g: tf.Tensor) => tf.sum(tf.mul(places.read(g as tf.Tensor4D), byKey)));
  expect(furthest(ofRead(byPlace).arraySync(), summed)).toBeLessThan(ROUNDING);
  const ofSum = tf.grad((g: tf.Tensor) => tf.sum(tf.mul(places.sum(g as tf.Tensor4D), byPlace)));
  expect(furthest(ofSum(byKey).arraySync(), read)).toBeLessThan(ROUNDING);
});
