/**
 * What must hold exactly, up to rounding: what attention without positions can and cannot see, and
 * the algebra of sinusoids.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { frequencies } from "../../src/encodings/sinusoidal.ts";
import type { Model } from "../../src/model/model.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, livelyParams, logitsFor, smallModel } from "./small.ts";

/** float32 sums of a hundred or so terms, in another order: the order of the keys is the order of the sum. */
const ROUNDING = 1e-5;
/** Less than any real change makes of logits of size 1, and a hundred times the rounding. */
const A_CHANGE = 1e-3;
/** float32 sines and cosines of size 1, of angles up to 60. */
const SINE_ROUNDING = 1e-5;
/** The golden values are given to six decimals. */
const SIX_DECIMALS = 1e-6;

beforeAll(async () => {
  await startTestEngine();
});

/** Logits (T,V) of one context under a model with lively parameters. */
function logitsOfOne(model: Model, tokens: readonly number[]): number[][] {
  return logitsFor(model, livelyParams(model), [tokens])[0] as number[][];
}

const lastOf = (model: Model, tokens: readonly number[]) => logitsOfOne(model, tokens).at(-1) as number[];
const without = (layers: number, attention: string) =>
  smallModel({ kind: "none" }, { layers, attention, context: 16 });

const PREFIX = [1, 2, 3, 4, 5, 2];
const PERMUTATION = [3, 0, 5, 1, 4, 2];
const PERMUTED = PERMUTATION.map((i) => PREFIX[i] as number);
const QUERY = 7;
const BOS = 0;

describe("without positions", () => {
  test("bidirectional attention is equivariant: f(πx) = πf(x)", () => {
    const model = without(2, "bidirectional");
    const logits = logitsOfOne(model, PREFIX);
    const moved = PERMUTATION.map((i) => logits[i] as number[]);
    expect(furthest(logitsOfOne(model, PERMUTED), moved)).toBeLessThan(ROUNDING);
    expect(furthest(logits, moved)).toBeGreaterThan(A_CHANGE);
  });

  test.each([
    ["bidirectional", 2],
    ["causal", 1],
  ] as const)(
    "under %s attention in %i layers the last prediction is the same after any order of the tokens before it",
    (attention, layers) => {
      const model = without(layers, attention);
      const [told, moved] = [lastOf(model, [...PREFIX, QUERY]), lastOf(model, [...PERMUTED, QUERY])];
      expect(furthest(told, moved)).toBeLessThan(ROUNDING);
    },
  );

  test("in two causal layers the order of the tokens before it changes the last prediction", () => {
    const model = without(2, "causal");
    const [told, moved] = [lastOf(model, [...PREFIX, QUERY]), lastOf(model, [...PERMUTED, QUERY])];
    expect(furthest(told, moved)).toBeGreaterThan(A_CHANGE);
  });

  test("in one causal layer twice the same multiset is the same: f(x ⊎ x) = f(x)", () => {
    const model = without(1, "causal");
    const once = [...PREFIX, QUERY];
    expect(furthest(lastOf(model, [...once, ...once]), lastOf(model, once))).toBeLessThan(ROUNDING);
  });

  test("a first token that is unique lets one causal layer tell x ⊎ x from x", () => {
    const model = without(1, "causal");
    const once = [...PREFIX, QUERY];
    expect(furthest(lastOf(model, [BOS, ...once, ...once]), lastOf(model, [BOS, ...once]))).toBeGreaterThan(
      A_CHANGE,
    );
  });

  test.each([1, 2])(
    "a constant sequence has the same logits at every position in %i causal layers",
    (layers) => {
      const [first, ...others] = logitsOfOne(without(layers, "causal"), Array(8).fill(3)) as [number[]];
      for (const logits of others) expect(furthest(logits, first)).toBeLessThan(ROUNDING);
    },
  );

  test("after a first token of its own, a constant sequence shows where it is", () => {
    const [, second, ...others] = logitsOfOne(without(2, "causal"), [BOS, ...Array(7).fill(3)]) as [
      number[],
      number[],
    ];
    for (const logits of others) expect(furthest(logits, second)).toBeGreaterThan(A_CHANGE);
  });
});

/** Rows of the sinusoidal table, (positions,width). */
function sinusoids(width: number, positions: readonly number[], fields: object = {}): number[][] {
  const { encoding } = smallModel({ kind: "sinusoidal", scale: 1, ...fields }, { width, heads: 1 });
  return tf.tidy(() => encoding.embed?.({}, tf.tensor1d([...positions])).arraySync()) as number[][];
}

const WIDTH = 16;
const OMEGA = frequencies(WIDTH, 10_000, "interleaved");
const POSITIONS = Array.from({ length: 20 }, (_, p) => p);

describe("sinusoids", () => {
  test.each([
    ["interleaved", [0.14112, -0.989992, 0.29552, 0.955336, 0.029996, 0.99955, 0.003, 0.999996]],
    ["halves", [0.14112, 0.138798, 0.006463, 0.0003, -0.989992, 0.990321, 0.999979, 1]],
  ])("PE(3) of width 8, %s, is the row that the paper's formula gives", (layout, row) => {
    expect(furthest(sinusoids(8, [3], { layout }), [row])).toBeLessThan(SIX_DECIMALS);
  });

  test.each([1, 5, 40])("a shift by Δ = %i is a rotation: R_Δ·PE(p) = PE(p + Δ)", (delta) => {
    const [rows, shifted] = [POSITIONS, POSITIONS.map((p) => p + delta)].map((at) =>
      sinusoids(WIDTH, at),
    ) as [number[][], number[][]];
    const rotated = rows.map((row) =>
      OMEGA.flatMap((omega, k) => {
        const [sin, cos] = [row[2 * k] as number, row[2 * k + 1] as number];
        const [s, c] = [Math.sin(omega * delta), Math.cos(omega * delta)];
        return [sin * c + cos * s, cos * c - sin * s];
      }),
    );
    expect(furthest(rotated, shifted)).toBeLessThan(SINE_ROUNDING);
  });

  test("dot products depend on the distance alone: PE(i)·PE(j) = Σ_k cos ω_k(i − j)", () => {
    const rows = sinusoids(WIDTH, POSITIONS);
    const dot = (a: readonly number[], b: readonly number[]) =>
      a.reduce((sum, value, c) => sum + value * (b[c] as number), 0);
    const gram = rows.map((a) => rows.map((b) => dot(a, b)));
    const formula = POSITIONS.map((i) =>
      POSITIONS.map((j) => OMEGA.reduce((sum, omega) => sum + Math.cos(omega * (i - j)), 0)),
    );
    expect(furthest(gram, formula)).toBeLessThan(SINE_ROUNDING);
    // Toeplitz: each diagonal is constant; and symmetric, so that the sign of a distance is lost.
    for (const [i, row] of gram.slice(1).entries()) {
      expect(furthest(row.slice(1), gram[i]?.slice(0, -1))).toBeLessThan(SINE_ROUNDING);
    }
    expect(gram).toEqual(POSITIONS.map((i) => gram.map((row) => row[i])));
  });
});
