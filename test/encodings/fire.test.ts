/** FIRE against its formula in float64, and where it is invariant under shifts. */
import { beforeAll, expect, test } from "vitest";
import { initialize } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest } from "../model/small.ts";
import { biasOf, encodingOf, GOLDEN, golden, lower, type Nest, type Sizes, upTo } from "./calls.ts";

interface Golden {
  readonly context: number;
  readonly c: number[];
  readonly threshold: number[];
  readonly fc: { readonly weight: Nest; readonly bias: Nest };
  readonly proj: { readonly weight: Nest; readonly bias: Nest };
  readonly bias: number[][][];
}

const goldens = golden<Golden>("fire");
const SIZES: Sizes = { heads: 2, context: goldens.context };

beforeAll(async () => {
  await startTestEngine();
});

/** The golden's parameters, with others in their place. */
const paramsWith = (others: Record<string, Nest> = {}): Record<string, Nest> => ({
  "fire.c": goldens.c,
  "fire.threshold": goldens.threshold,
  "fire.fc.weight": goldens.fc.weight,
  "fire.fc.bias": goldens.fc.bias,
  "fire.proj.weight": goldens.proj.weight,
  "fire.proj.bias": goldens.proj.bias,
  ...others,
});

test("the bias of keys up to the query equals the formula", () => {
  const bias = biasOf({ kind: "fire" }, SIZES, { params: paramsWith(), query: upTo(10) });
  expect(furthest(bias.map(lower), goldens.bias)).toBeLessThan(GOLDEN);
});

test("keys to the right have the bias of as many steps to the left: symmetric, and finite", () => {
  const [bias] = biasOf({ kind: "fire" }, SIZES, { params: paramsWith(), query: upTo(10) }) as [number[][]];
  const transposed = bias.map((_, j) => bias.map((row) => row[j]));
  expect(furthest(bias, transposed)).toBeLessThan(GOLDEN);
});

test("is invariant under shifts while i ≤ L, and not beyond", () => {
  const at = (positions: number[]) =>
    biasOf({ kind: "fire" }, SIZES, { params: paramsWith({ "fire.threshold": [1] }), query: positions }).map(
      lower,
    );
  expect(furthest(at([1, 2, 3]), at([0, 1, 2]))).toBe(0); // L = 8/2
  expect(furthest(at([6, 7, 8]), at([0, 1, 2]))).toBeGreaterThan(0.01);
});

test("the network's input stays within [0, 1] at every length, left and right", () => {
  // f(x) = x for x ≥ 0: one hidden unit passes its input, the others are off
  const one = upTo(32).map((n) => (n === 0 ? 1 : 0));
  const params = paramsWith({
    "fire.fc.weight": [one],
    "fire.fc.bias": upTo(32).map(() => 0),
    "fire.proj.weight": one.map((w) => [w, w]),
    "fire.proj.bias": [0, 0],
  });
  const inputs = biasOf({ kind: "fire" }, SIZES, { params, query: [0, 1, 3.5, 60, 5000] }).flat(2);
  expect(Math.max(...inputs)).toBeLessThanOrEqual(1);
  expect(Math.max(...inputs)).toBeGreaterThan(0.99);
  expect(Math.min(...inputs)).toBe(0);
});

test("a threshold learned down to 0 leaves the first position finite", () => {
  const params = paramsWith({ "fire.threshold": [0] });
  const bias = biasOf({ kind: "fire" }, SIZES, { params, query: [0, 1] });
  expect(bias.flat(2).every(Number.isFinite)).toBe(true);
});

test("L starts at a half of L_max; parameters are a block's own, or shared", () => {
  const own = encodingOf({ kind: "fire" }, SIZES);
  const shared = encodingOf({ kind: "fire", shared: true }, SIZES);
  expect(own.params).toBeUndefined();
  expect(shared.params).toEqual(expect.objectContaining({ "fire.c": expect.anything() }));
  expect(Object.keys(shared.params ?? {})).toEqual(Object.keys(own.layerParams ?? {}));
  tf.tidy(() => {
    const { "fire.threshold": threshold, "fire.c": c } = initialize(own.layerParams ?? {}, 1);
    expect(threshold?.arraySync()).toEqual([1]);
    expect(c?.arraySync()).toEqual([Math.fround(0.1)]);
  });
  // L = threshold·8, so that positions 0 … 3 see its halving
  const at = (threshold: number) =>
    biasOf({ kind: "fire", threshold }, SIZES, {
      params: paramsWith({ "fire.threshold": [1] }),
      query: upTo(4),
    });
  expect(furthest(at(0.5), at(0.25))).toBeGreaterThan(0.01);
});
