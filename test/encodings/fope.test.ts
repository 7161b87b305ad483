/** FoPE against its sums, in doubles. */
import { beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest } from "../model/small.ts";
import { encodingOf, GOLDEN, turned, upTo } from "./calls.ts";

beforeAll(async () => {
  await startTestEngine();
});

const [D, L, BASE] = [8, 40, 50];
const SIZES = { heads: 1, headWidth: D, context: L };

/** By pair: cosine and sine at a position. */
function waves(p: number, spread: number): [number, number][] {
  const omega = upTo(D / 2).map((k) => BASE ** ((-2 * k) / D));
  const K = omega.filter((w) => w >= (2 * Math.PI) / L).length;
  const mixing = ["cos", "sin"].map((name) => {
    const rng = createRng(0, `fope/${name}`);
    return upTo(K).map((k) => upTo(K).map((m) => Number(k === m) + (spread / Math.sqrt(K)) * rng.normal()));
  }) as [number[][], number[][]];
  const sum = (of: number[][], m: number, wave: (angle: number) => number) =>
    upTo(K).reduce((total, k) => total + (of[k]?.[m] as number) * wave(p * (omega[k] as number)), 0);
  return upTo(D / 2).map((m) =>
    m < K ? [sum(mixing[0], m, Math.cos), sum(mixing[1], m, Math.sin)] : [1, 0],
  );
}

test.each([0, 0.3, 2])("pairs turn by sums of the frequencies that turn within L_max, σ = %d", (spread) => {
  const x = upTo(D).map((c) => Math.sin(1 + c));
  const positions = [0, 1, 7, 39, 100];
  const got = turned({ kind: "fope", base: BASE, spread }, SIZES, [[positions.map(() => x)]], positions);
  const wanted = positions.map((p) => {
    const pairs = waves(p, spread);
    const at = (c: number) => x[c] as number;
    const first = pairs.map(([cos, sin], k) => at(k) * cos - at(k + D / 2) * sin);
    const second = pairs.map(([cos, sin], k) => at(k + D / 2) * cos + at(k) * sin);
    return [...first, ...second];
  });
  expect(furthest(got[0]?.[0], wanted)).toBeLessThan(GOLDEN);
});

test("without spread it is RoPE, whose slow pairs stand still", () => {
  const x = [[[upTo(D).map((c) => 1 + c)]]];
  const [fope, rope] = ["fope", "rope"].map((kind) =>
    turned({ kind, base: BASE, ...(kind === "fope" && { spread: 0 }) }, SIZES, x, [9]).flat(3),
  ) as [number[], number[]];
  const omega = upTo(D / 2).map((k) => BASE ** ((-2 * k) / D));
  const slow = omega.findIndex((w) => w < (2 * Math.PI) / L);
  expect(slow).toBe(2);
  for (const k of upTo(slow)) expect(fope[k]).toBeCloseTo(rope[k] as number, 4);
  for (const k of [slow, slow + 1]) {
    expect([fope[k], fope[k + D / 2]]).toEqual([1 + k, 1 + k + D / 2]);
    expect(fope[k]).not.toBeCloseTo(rope[k] as number, 1);
  }
});

test("contexts in which nothing turns once, and odd widths, are refused", () => {
  expect(() => encodingOf({ kind: "fope" }, { heads: 1, headWidth: 8, context: 6 })).toThrow(InputError);
  expect(() => encodingOf({ kind: "fope" }, { heads: 1, headWidth: 8, context: 6 })).toThrow(
    /^fope: heads of width 8 have no pair that turns in model.context 6; choose/,
  );
  expect(() => encodingOf({ kind: "fope" }, { heads: 1, headWidth: 5, context: 64 })).toThrow(
    /width 5 have columns/,
  );
});
