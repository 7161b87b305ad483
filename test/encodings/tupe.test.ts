/** Untied positions against loops, with and without the relative bias, and what is read past the table. */
import { beforeAll, describe, expect, test } from "vitest";
import { PositionError } from "../../src/errors.ts";
import { requireDefined } from "../../src/model/positions.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import {
  biasOf,
  D,
  expectBias,
  H,
  type Matrix,
  modelOf,
  type Numbers,
  someState,
  testGolden,
} from "./state.ts";

const C = H * D;
const CONTEXT = 8;

beforeAll(async () => {
  await startTestEngine();
});

testGolden("tupe");

/** (p·U)(i) of one head, p the given row of positions. */
function projected({ params }: Numbers, name: string, h: number, row: number): number[] {
  const [table, weight] = [params["tupe.weight"], params[name]] as unknown as [number[][], number[][]];
  return Array.from({ length: D }, (_, d) => {
    let sum = 0;
    for (let c = 0; c < C; c++) sum += (table[row]?.[c] as number) * (weight[c]?.[h * D + d] as number);
    return sum;
  });
}

function untied(numbers: Numbers, h: number, queryRow: number, keyRow: number): number {
  const a = projected(numbers, "tupe.query.weight", h, queryRow);
  const b = projected(numbers, "tupe.key.weight", h, keyRow);
  return a.reduce((sum, value, d) => sum + value * (b[d] as number), 0) / Math.sqrt(2 * D);
}

describe.each(["causal", "bidirectional"])("%s", (attention) => {
  test.each([
    [false, [0, 1, 2, 3, 4], 0],
    [true, [0, 1, 2, 3, 4], 0],
    [true, [0, 3, 4, 7], 0],
    [true, [0, 1, 2, 3, 4, 5], 3],
  ])(
    "bias = (p_i·U_Q)(p_j·U_K)/√(2D) [+ b[clip(j − i)]]: relative bias %s, positions %j from %d on",
    (relativeBias, positions, first) => {
      const window = 2;
      const model = modelOf({ kind: "tupe", relativeBias, window }, attention);
      expect(model.encoding.scale).toBeCloseTo(1 / Math.sqrt(2 * D), 12);
      const some = someState(model, positions as number[], first as number);
      const { numbers } = some;
      expectBias(model, some, (_b, h, i, j) => {
        const [from, to] = [numbers.query[i] as number, numbers.key[j] as number];
        const clipped = Math.max(-window, Math.min(attention === "causal" ? 0 : window, to - from));
        const rows = numbers.params["tupe.bias.weight"] as Matrix | undefined;
        return untied(numbers, h, from, to) + (rows?.[clipped + window]?.[h] ?? 0);
      });
    },
  );
});

describe("past the table", () => {
  test("the default refuses, and says what to do", () => {
    const model = modelOf({ kind: "tupe" }, "causal");
    expect(() => requireDefined(model, Float32Array.of(0, CONTEXT))).toThrow(PositionError);
    expect(() => requireDefined(model, Float32Array.of(0, CONTEXT))).toThrow(
      /tupe: position 8 is outside \[0, 8\).*model\.position\.beyond/,
    );
  });

  test.each([
    ["clamp", (p: number) => Math.min(p, CONTEXT - 1)],
    ["wrap", (p: number) => p % CONTEXT],
    ["zero", (p: number) => (p < CONTEXT ? p : undefined)],
  ])("%s", (beyond, rowAt) => {
    const model = modelOf({ kind: "tupe", beyond }, "causal");
    const some = someState(model, [0, 5, 8, 13, 1000]);
    const { numbers } = some;
    expectBias(model, some, (_b, h, i, j) => {
      const [from, to] = [rowAt(numbers.query[i] as number), rowAt(numbers.key[j] as number)];
      return from === undefined || to === undefined ? 0 : untied(numbers, h, from, to);
    });
  });

  test("untrained: rows of the initial distribution, the same at each reading, and those inside as they were", () => {
    const model = modelOf({ kind: "tupe", beyond: "untrained" }, "bidirectional");
    const some = someState(model, [0, 5, 8, 13]);
    const bias = biasOf(model, some);
    expect(biasOf(model, some)).toEqual(bias);
    expect(Math.abs((bias[0]?.[0]?.[1]?.[0] as number) - untied(some.numbers, 0, 5, 0))).toBeLessThan(1e-5);
    const past = [2, 3].map((i) => bias[0]?.[0]?.[i]?.[0] as number);
    expect(past[0]).not.toBe(past[1]);
    for (const value of past) expect(Math.abs(value)).toBeGreaterThan(0);
  });
});
