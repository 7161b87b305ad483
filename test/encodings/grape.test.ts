/** GRAPE-A against loops, and why its gate must not read rotated keys. */
import { beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { turned } from "./calls.ts";
import { D, expectBias, modelOf, someState, type Vector } from "./state.ts";

beforeAll(async () => {
  await startTestEngine();
});

const softplus = (x: number) => Math.log1p(Math.exp(x));
const SLOPES = [2 ** -4, 2 ** -8];

const along = (u: Vector, k: Vector) =>
  u.reduce((sum, value, d) => sum + value * (k[d] as number), 0) / Math.hypot(...u) / Math.sqrt(u.length);

test.each([
  { gated: true, first: 0 },
  { gated: true, first: 2 },
  { gated: false, first: 0 },
])("bias = −(i − j)·ω_h·g_hj: %o", ({ gated, first }) => {
  const model = modelOf({ kind: "grape", gated }, "causal");
  const positions = [0, 1, 2, 4, 9];
  const some = someState(model, positions, first);
  const { k, params } = some.numbers;
  expectBias(model, some, (b, h, i, j) => {
    const omega = softplus(params["grape.omega"]?.[h] as number) * (SLOPES[h] as number);
    const u = (params["grape.gate"] as unknown as readonly Vector[] | undefined)?.[h];
    const gate = u === undefined ? 1 : softplus(along(u, k[b]?.[h]?.[j] as Vector));
    return -((positions[first + i] as number) - (positions[j] as number)) * omega * gate;
  });
});

test("a gate that reads keys after a rotation is not shift-invariant; one that reads them before is", () => {
  const key = [0.3, -1.2, 0.8, 2];
  const u = [1, 0.5, -1, 0.2];
  const rotated = (p: number) =>
    turned({ kind: "rope" }, { heads: 1, headWidth: D }, [[[key]]], [p])[0]?.[0]?.[0] as number[];
  const bias = (i: number, j: number, k: Vector) => -(i - j) * softplus(along(u, k));
  expect(Math.abs(bias(5, 3, rotated(3)) - bias(45, 43, rotated(43)))).toBeGreaterThan(0.03);
  expect(bias(5, 3, key)).toBe(bias(45, 43, key));
});

test("starts as ALiBi where keys do not gate it", () => {
  const model = modelOf({ kind: "grape", gated: false }, "causal");
  const start = model.specs["h.0.attn.grape.omega"]?.init(undefined as never, 0) as number;
  expect(softplus(start)).toBeCloseTo(1, 12);
});

test("bidirectional attention is refused, with what to set", () => {
  expect(() => modelOf({ kind: "grape" }, "bidirectional")).toThrow(InputError);
  expect(() => modelOf({ kind: "grape" }, "bidirectional")).toThrow(/^grape: .*set model\.attention=causal/);
});
