/** Where tokens stand under each scheme, and what is refused before a kernel could see it. */
import { describe, expect, test } from "vitest";
import { PositionError } from "../../src/errors.ts";
import { positionsOf, requireDefined, type Scheme, schemeSchema } from "../../src/model/positions.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { smallModel } from "./small.ts";

const rng = (name = "test") => createRng(1, name);

describe("positionsOf", () => {
  test.each<[string, Scheme, number, number[]]>([
    ["contiguous is i", { kind: "contiguous" }, 4, [0, 1, 2, 3]],
    ["shifted is i + by", { kind: "shifted", by: 7 }, 3, [7, 8, 9]],
    ["shifted by a fraction is i + by", { kind: "shifted", by: 0.5 }, 2, [0.5, 1.5]],
    [
      "interpolated is i·trained/T past it",
      { kind: "interpolated", trained: 4 },
      8,
      [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5],
    ],
    ["interpolated is i within it", { kind: "interpolated", trained: 4 }, 3, [0, 1, 2]],
    ["clamped is min(i, limit − 1)", { kind: "clamped", limit: 3 }, 5, [0, 1, 2, 2, 2]],
    ["wrapped is i mod limit", { kind: "wrapped", limit: 3 }, 7, [0, 1, 2, 0, 1, 2, 0]],
  ])("%s", (_title, scheme, T, expected) => {
    expect([...positionsOf(scheme, T)]).toEqual(expected);
  });

  test("no tokens have no positions", () => {
    expect(positionsOf({ kind: "contiguous" }, 0)).toHaveLength(0);
    expect(positionsOf({ kind: "randomized", range: 3 }, 0, rng())).toHaveLength(0);
  });
});

describe("randomized", () => {
  test("positions are whole, distinct, sorted and in [0, range)", () => {
    const draws = rng();
    for (const [range, T] of [
      [1, 1],
      [5, 5],
      [40, 8],
      [1000, 3],
    ] as const) {
      for (let n = 0; n < 50; n++) {
        const found = [...positionsOf({ kind: "randomized", range }, T, draws)];
        expect(found).toHaveLength(T);
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
        for (const position of found) {
          expect(Number.isInteger(position)).toBe(true);
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThan(range);
        }
      }
    }
  });

  test("with as many positions as tokens there is one draw: 0 … T − 1", () => {
    expect([...positionsOf({ kind: "randomized", range: 4 }, 4, rng())]).toEqual([0, 1, 2, 3]);
  });

  test("each of the 6 pairs of 4 positions is drawn as often: χ² is below its 99.9 % quantile", () => {
    const [DRAWS, PAIRS] = [6000, 6];
    const CHI_SQUARED_5 = 20.5; // 99.9 % quantile for 5 degrees of freedom; the stream is fixed, so no run differs
    const counts = new Map<string, number>();
    const draws = rng();
    for (let n = 0; n < DRAWS; n++) {
      const pair = positionsOf({ kind: "randomized", range: 4 }, 2, draws).join();
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    const each = DRAWS / PAIRS;
    expect(counts.size).toBe(PAIRS);
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - each) ** 2 / each, 0);
    expect(chiSquared).toBeLessThan(CHI_SQUARED_5);
  });

  test("each call draws anew, and the same stream gives the same positions", () => {
    const scheme: Scheme = { kind: "randomized", range: 1000 };
    const [a, b] = [rng(), rng()];
    const first = positionsOf(scheme, 8, a);
    expect(positionsOf(scheme, 8, b)).toEqual(first);
    expect(positionsOf(scheme, 8, a)).not.toEqual(first);
  });

  test("more tokens than positions is a PositionError that says what to set", () => {
    const draw = () => positionsOf({ kind: "randomized", range: 3 }, 4, rng());
    expect(draw).toThrow(PositionError);
    expect(draw).toThrow("randomized draws 4 positions out of 3; set a larger range");
  });

  test("without a generator it is a RangeError", () => {
    expect(() => positionsOf({ kind: "randomized", range: 3 }, 2)).toThrow(RangeError);
  });
});

test.each([
  { kind: "shifted", by: -1 },
  { kind: "randomized", range: 0 },
  { kind: "randomized", range: 2.5 },
  { kind: "interpolated", trained: 0 },
  { kind: "clamped", limit: 0 },
  { kind: "wrapped", limit: -3 },
  { kind: "contiguous", by: 1 },
  { kind: "scattered" },
])("the schema of schemes refuses %o", (scheme) => {
  expect(schemeSchema.safeParse(scheme).success).toBe(false);
});

describe("requireDefined", () => {
  const learned = smallModel({ kind: "learned" });

  test("returns the same positions where the encoding defines them", () => {
    const inside = Float32Array.of(0, 3.5, 7.9);
    expect(requireDefined(learned, inside)).toBe(inside);
    const far = Float32Array.of(1e6);
    expect(requireDefined(smallModel({ kind: "none" }), far)).toBe(far);
  });

  test("names the encoding, the first position outside, the interval and every way out", () => {
    expect(() => requireDefined(learned, Float32Array.of(0, 8, 9))).toThrow(
      new PositionError(
        "learned: position 8 is outside [0, 8); train with a larger context, or evaluate with the scheme clamped, wrapped or interpolated, or with another policy in model.position.beyond",
      ),
    );
  });

  test.each([-1, -0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d everywhere", (position) => {
    for (const kind of ["learned", "none", "sinusoidal", "relative"]) {
      expect(() => requireDefined(smallModel({ kind }), Float32Array.of(0, position)), kind).toThrow(
        PositionError,
      );
    }
  });

  test("a policy other than throw defines every position", () => {
    const clamp = smallModel({ kind: "learned", beyond: "clamp" });
    expect(() => requireDefined(clamp, Float32Array.of(1000))).not.toThrow();
  });
});

describe("positions that float32 cannot tell apart, from 2^24 on", () => {
  test.each([
    { kind: "shifted", by: 2 ** 24 },
    { kind: "shifted", by: 3e7 },
    { kind: "randomized", range: 2 ** 24 + 1 },
    { kind: "interpolated", trained: 2 ** 53 - 1 },
    { kind: "clamped", limit: 2 ** 25 },
    { kind: "wrapped", limit: 1e12 },
  ])("are refused by the schema of schemes: %o", (scheme) => {
    expect(schemeSchema.safeParse(scheme).success).toBe(false);
  });

  test("are refused for every encoding, whoever made them", () => {
    const by = 2 ** 24 - 2;
    for (const kind of ["none", "alibi", "rope", "sinusoidal"]) {
      const model = smallModel({ kind });
      expect(requireDefined(model, positionsOf({ kind: "shifted", by }, 2))).toHaveLength(2);
      expect(() => requireDefined(model, positionsOf({ kind: "shifted", by }, 3)), kind).toThrow(
        /position 16777216 is outside \[0, 16777216\), where float32 tells positions apart/,
      );
    }
  });
});
