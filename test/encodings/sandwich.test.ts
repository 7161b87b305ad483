/** Sandwich against the product of sinusoidal tables, and against the sum of cosines. */
import { beforeAll, expect, test } from "vitest";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest } from "../model/small.ts";
import { biasOf, golden, upTo } from "./calls.ts";

/** Sums of 64 cosines, of size 16, in float32. */
const ROUNDING = 1e-5;

beforeAll(async () => {
  await startTestEngine();
});

/** Σ_k cos((i − j)·base^(−2k/d̄)) */
const sumOfCosines = (distance: number, columns: number, base: number) =>
  upTo(columns / 2).reduce((sum, k) => sum + Math.cos(distance * base ** ((-2 * k) / columns)), 0);

test("two heads over 12 positions equal the tables' product divided by 4 and 8", () => {
  const { bias } = golden<{ bias: number[][][] }>("sandwich");
  expect(furthest(biasOf({ kind: "sandwich" }, { heads: 2 }, { query: upTo(12) }), bias)).toBeLessThan(
    ROUNDING,
  );
});

test.each([
  { columns: 128, base: 10_000, inside: false },
  { columns: 16, base: 100, inside: true },
])("each head h has (H/8h)·Σ cos((i − j)·ω_k), for any queries and keys: %o", ({ columns, base, inside }) => {
  const [query, key] = [
    [5.5, 40, 41],
    [0, 5.5, 7, 41],
  ];
  const position = { kind: "sandwich", columns, base, inside };
  const bias = biasOf(position, { heads: 3, headWidth: 4 }, { query, key });
  const expected = upTo(3).map((h) =>
    query.map((i) =>
      key.map((j) => (((inside ? 0.5 : 1) * 3) / (8 * (h + 1))) * sumOfCosines(i - j, columns, base)),
    ),
  );
  expect(furthest(bias, expected)).toBeLessThan(ROUNDING);
});

test("cosines are summed, so the bias falls with distance within a context", () => {
  const [[row]] = biasOf({ kind: "sandwich" }, { heads: 1 }, { query: [31], key: upTo(32) }) as [[number[]]];
  expect(row.at(-1)).toBeCloseTo(64 / 8, 5);
  for (const j of upTo(30)) expect(row[j] as number).toBeLessThan(row[31] as number);
  expect(row[0] as number).toBeLessThan((row[25] as number) - 1);
});

test("a shift of all positions leaves every bit as it is", () => {
  const at = (by: number) =>
    biasOf({ kind: "sandwich" }, { heads: 2 }, { query: upTo(6).map((i) => i + by) });
  expect(at(1000)).toEqual(at(0));
});
