/** LongRoPE and p-RoPE against the numbers of their papers, and YaRN where L_max is small. */
import { beforeAll, expect, test } from "vitest";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, smallModel } from "../model/small.ts";
import { GOLDEN, turned, upTo } from "./calls.ts";
import { pairsOf, ratios } from "./rope-ratios.ts";

beforeAll(async () => {
  await startTestEngine();
});

test("longrope: ω_k/λ_k, short up to L_max and long past it; m = √(1 + ln s/ln L_max)", () => {
  const [long, short] = [
    [1, 2, 5, 8],
    [1, 1, 1.5, 2],
  ];
  const position = { kind: "rope", base: 100, scaling: { kind: "longrope", factor: 4, long, short } };
  const x = [[[upTo(8).map((c) => (c < 4 ? 1 : 0)), upTo(8).map((c) => (c < 4 ? 1 : 0))]]];
  const angles = (last: number) => {
    const rows = turned(position, { heads: 1, headWidth: 8, context: 16 }, x, [
      1,
      last,
    ])[0]?.[0] as number[][];
    const [row = []] = rows;
    return upTo(4).map((k) => [
      Math.hypot(row[k] as number, row[k + 4] as number),
      Math.atan2(row[k + 4] as number, row[k] as number),
    ]);
  };
  const m = Math.sqrt(1 + Math.log(4) / Math.log(16));
  for (const [last, lambdas] of [
    [15, short],
    [16, long],
  ] as const) {
    const wanted = upTo(4).map((k) => [m, 100 ** (-k / 4) / (lambdas[k] as number)]);
    expect(furthest(angles(last), wanted)).toBeLessThan(GOLDEN);
  }
});

test("longrope: m is what attention says, where it says it", () => {
  const scaling = { kind: "longrope", factor: 4, attention: 1.5 };
  const sizes = pairsOf({ base: 100, scaling }, 8, 16).map(({ size }) => size);
  expect(furthest(sizes, Array(4).fill(1.5))).toBeLessThan(GOLDEN);
});

test("longrope without factors starts as ntk past L_max, and wants one factor a pair", () => {
  const scaled = (kind: string) => pairsOf({ base: 100, scaling: { kind } }, 8, 1).map(({ omega }) => omega);
  expect(furthest(scaled("longrope"), scaled("ntk"))).toBeLessThan(GOLDEN);
  const scaling = { kind: "longrope", long: [1, 2, 3] };
  expect(() => smallModel({ kind: "rope", scaling }, { headWidth: 8 })).toThrow(
    "rope: model.position.scaling.long has 3 factors for 4 pairs that turn; give one each",
  );
});

test("yarn at small L_max: where no pair turns betaFast times, all are squeezed at most, and none where all do", () => {
  const squeezed = (context: number) =>
    ratios({ kind: "yarn", factor: 4, betaFast: 32, betaSlow: 1 }, 8, context, 100);
  const [fastest = 0] = squeezed(8); // 8/2π turns, of 32 asked
  expect(fastest).toBeCloseTo(1, 4); // the ramp begins at pair 0, whose share is 0
  expect(
    squeezed(8)
      .slice(1)
      .every((ratio) => ratio < 1 && ratio >= 0.2499),
  ).toBe(true);
  expect(furthest(squeezed(8).slice(2), [0.25, 0.25])).toBeLessThan(GOLDEN);
  for (const context of [1, 2, 3])
    for (const ratio of squeezed(context)) expect(Number.isFinite(ratio)).toBe(true);
});

test("turning: the fastest share of pairs has its frequencies, the others stand still", () => {
  const omega = (fields: object) => pairsOf({ base: 100, ...fields }, 16, 64).map((pair) => pair.omega);
  const all = omega({});
  expect(omega({ turning: 0.75 })).toEqual(all.map((w, k) => (k < 6 ? w : 0)));
  expect(omega({ turning: 0.8 })).toEqual(omega({ turning: 0.75 })); // ⌊0.8·8⌋
  expect(omega({ turning: 0 })).toEqual(all.map(() => 0));
  const scaled = omega({ turning: 0.5, scaling: { kind: "linear", factor: 2 } });
  expect(
    furthest(
      scaled,
      all.map((w, k) => (k < 4 ? w / 2 : 0)),
    ),
  ).toBeLessThan(GOLDEN);
  const { encoding } = smallModel({ kind: "rope", turning: 0.5 }, { width: 16, heads: 2 });
  expect(encoding.pairs?.(8).map(({ frequency }) => frequency === 0)).toEqual([false, false, true, true]);
});
