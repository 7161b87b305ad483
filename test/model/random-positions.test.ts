/** The scheme that draws real positions. */
import { describe, expect, test } from "vitest";
import { positionsOf, requireDefined } from "../../src/model/positions.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { smallModel } from "./small.ts";

const rng = (name = "test") => createRng(1, name);

describe("randomized-real", () => {
  const draw = (range: number, T: number, name?: string) => [
    ...positionsOf({ kind: "randomized-real", range }, T, rng(name)),
  ];

  test("positions are sorted fractions of [0, range), as many as asked, more than there are whole ones too", () => {
    for (const [range, T] of [
      [1, 50],
      [40, 8],
      [2 ** 24, 2000],
    ] as const) {
      const found = draw(range, T);
      expect(found).toHaveLength(T);
      expect(found).toEqual(found.toSorted((a, b) => a - b));
      expect(found.every((position) => position >= 0 && position < range)).toBe(true);
    }
    expect(draw(40, 8).some((position) => !Number.isInteger(position))).toBe(true);
  });

  test("draws are even: a tenth of them lies in each tenth of the range", () => {
    const counts = new Array<number>(10).fill(0);
    for (const position of draw(30, 10_000))
      counts[Math.floor(position / 3)] = (counts[Math.floor(position / 3)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120); // four deviations of 30
  });

  test("a draw that float32 would round up to the range stays below it", () => {
    const edge = { uniform: () => 1 - 2 ** -53 } as unknown as ReturnType<typeof rng>;
    const [position] = positionsOf({ kind: "randomized-real", range: 8 }, 1, edge);
    expect(position).toBeLessThan(8);
    expect(requireDefined(smallModel({ kind: "learned" }), Float32Array.of(position as number))).toHaveLength(
      1,
    );
  });

  test("equal seeds draw equal positions, and no generator is refused", () => {
    expect(draw(9, 4)).toEqual(draw(9, 4));
    expect(draw(9, 4)).not.toEqual(draw(9, 4, "other"));
    expect(() => positionsOf({ kind: "randomized-real", range: 3 }, 2)).toThrow("needs a generator");
  });
});
