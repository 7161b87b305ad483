/**
 * RoPE's scalings against the numbers of their papers; goldens of Hugging Face and x-transformers
 * are in rope.test.ts.
 */
import { beforeAll, expect, test } from "vitest";
import { assigned } from "../../src/assignments.ts";
import { parseConfig } from "../../src/config.ts";
import { InputError } from "../../src/errors.ts";
import { modelSchema } from "../../src/model/config.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, livelyParams, logitsFor, smallModel, someTokens } from "../model/small.ts";
import { GOLDEN, turned, upTo } from "./calls.ts";
import { pairsOf, ratios } from "./rope-ratios.ts";

/** An angle in float32, and its cosine. */
const ROUNDING = 2e-6;

beforeAll(async () => {
  await startTestEngine();
});

test("linear: every frequency is divided by the factor", () => {
  const expected = Array(8).fill(1 / 3);
  expect(furthest(ratios({ kind: "linear", factor: 3 }, 16, 64), expected)).toBeLessThan(GOLDEN);
});

test.each([
  { kind: "llama3", factor: 8 },
  { kind: "yarn", factor: 8, betaFast: 2, betaSlow: 0.1 },
])("$kind of an original context turns as a model of that context, whatever its own is", (scaling) => {
  const own = ratios(scaling, 16, 32, 100);
  expect(ratios({ ...scaling, original: 32 }, 16, 256, 100)).toEqual(own);
  expect(furthest(ratios(scaling, 16, 256, 100), own)).toBeGreaterThan(0.1);
});

test("yarn: m is 0.1·ln s + 1 or what is said, and a ramp that is not rounded begins and ends between pairs", () => {
  const yarn = { kind: "yarn", factor: 8, betaFast: 2, betaSlow: 0.1 };
  const sizes = (scaling: object) => pairsOf({ base: 100, scaling }, 8, 16).map(({ size }) => size);
  expect(furthest(sizes(yarn), Array(4).fill(0.1 * Math.log(8) + 1))).toBeLessThan(ROUNDING);
  expect(furthest(sizes({ ...yarn, attention: 1.5 }), Array(4).fill(1.5))).toBeLessThan(ROUNDING);
  const at = (turns: number) => (4 * Math.log(16 / (2 * Math.PI * turns))) / Math.log(100);
  const ramp = upTo(4).map((k) => Math.min(1, Math.max(0, (k - at(2)) / (at(0.1) - at(2)))));
  const expected = ramp.map((squeezed) => 1 - squeezed + squeezed / 8);
  expect(furthest(ratios({ ...yarn, truncate: false }, 8, 16, 100), expected)).toBeLessThan(GOLDEN);
});

test("ntk: s^(−2k/(D − 2)), 1 for the fastest pair and 1/s for the slowest", () => {
  const expected = upTo(4).map((k) => 4 ** (-k / 3));
  expect(furthest(ratios({ kind: "ntk" }, 8, 64, 100), expected)).toBeLessThan(GOLDEN);
  expect(ratios({ kind: "ntk" }, 2, 64, 100)).toEqual(ratios({ kind: "none" }, 2, 64, 100));
});

test.each([3e7, 1e9])("dynamic: a factor of %d is not cancelled away", (factor) => {
  const [[, row = []] = []] = turned(
    { kind: "rope", base: 100, scaling: { kind: "dynamic", factor } },
    { heads: 1, headWidth: 8, context: 10 },
    [[[upTo(8).map(() => 0), upTo(8).map((c) => (c < 4 ? 1 : 0))]]],
    [0, 10],
  )[0] as number[][][];
  const stretch = 1 + factor / 10; // of L = 11, one past L_max
  const expected = upTo(4).map((k) => 10 * 100 ** (-k / 4) * stretch ** (-k / 3));
  const angles = upTo(4).map((k) => Math.cos(expected[k] as number));
  expect(furthest(row.slice(0, 4), angles)).toBeLessThan(GOLDEN);
});

test("dynamic: nothing changes up to L_max; past it, ntk at factor·L/L_max − (factor − 1)", () => {
  const q = [upTo(2).map((h) => upTo(3).map((t) => upTo(8).map((c) => Math.sin(7 * h + 3 * t + c))))];
  const at = (scaling: object, positions: number[]) =>
    turned({ kind: "rope", base: 100, scaling }, { heads: 2, headWidth: 8, context: 64 }, q, positions);
  const none = { kind: "none" };
  expect(furthest(at({ kind: "dynamic", factor: 2 }, [0, 5, 63]), at(none, [0, 5, 63]))).toBeLessThan(
    ROUNDING,
  );
  for (const [factor, stretch] of [
    [1, 4],
    [2, 7],
  ]) {
    const long = at({ kind: "dynamic", factor }, [0, 5, 255]);
    expect(furthest(long, at({ kind: "ntk", factor: stretch }, [0, 5, 255]))).toBeLessThan(1e-4);
  }
  expect(furthest(at({ kind: "dynamic" }, [0, 5, 255]), at(none, [0, 5, 255]))).toBeGreaterThan(0.1);
});

test("dynamic is the one scaling that a shift of all positions changes", () => {
  const shifted = (kind: string, by: number) => {
    const model = smallModel({ kind: "rope", scaling: { kind } });
    return logitsFor(model, livelyParams(model), someTokens(), { kind: "shifted", by });
  };
  expect(furthest(shifted("dynamic", 40), shifted("dynamic", 0))).toBeGreaterThan(1e-3);
  expect(furthest(shifted("yarn", 40), shifted("yarn", 0))).toBeLessThan(1e-4);
});

test("yarn, published: at D = 16 and L_max = 64, pairs 0 to 3 are a ramp 1, ¾, ½, ¼ and the rest are squeezed by 4", () => {
  const published = { kind: "yarn", factor: 4, betaFast: 32, betaSlow: 1 };
  expect(furthest(ratios(published, 16, 64, 10_000), [1, 0.75, 0.5, ...Array(5).fill(0.25)])).toBeLessThan(
    GOLDEN,
  );
  for (const { size } of pairsOf({ scaling: published }, 16, 64)) {
    expect(Math.abs(size - (0.1 * Math.log(4) + 1))).toBeLessThan(ROUNDING);
  }
});

test("yarn: scores are multiplied by (0.1·ln s + 1)² where no frequency changes, and by 1 at s = 1", () => {
  for (const { size, omega } of pairsOf({ scaling: { kind: "yarn", factor: 1 } }, 2, 8)) {
    expect(Math.abs(size - 1)).toBeLessThan(ROUNDING);
    expect(Math.abs(omega - 1)).toBeLessThan(ROUNDING);
  }
});

test("llama3: pairs past highFrequency turns stay, below lowFrequency are squeezed, between them a ramp over turns", () => {
  const context = 64;
  const turns = upTo(4).map((k) => (context * 100 ** (-k / 4)) / (2 * Math.PI)); // 10.2, 3.2, 1.02, 0.32
  const expected = turns.map((t) => {
    const share = Math.min(1, Math.max(0, (t - 1) / 3));
    return share + (1 - share) / 4;
  });
  expect(furthest(ratios({ kind: "llama3" }, 8, context, 100), expected)).toBeLessThan(GOLDEN);
  expect(expected[0]).toBe(1);
  expect(expected[3]).toBe(0.25);
});

test.each([
  { kind: "linear", factor: 2 },
  { kind: "ntk", factor: 2 },
  { kind: "yarn", factor: 2 },
  { kind: "yarn", betaFast: 40 },
  { kind: "yarn", betaSlow: 0.1 },
  { kind: "llama3", factor: 2 },
  { kind: "llama3", lowFrequency: 0.1 },
  { kind: "llama3", highFrequency: 12 },
])("each field changes the frequencies: %o", (scaling) => {
  const changed = ratios(scaling, 8, 256, 1000);
  expect(furthest(changed, ratios({ kind: scaling.kind }, 8, 256, 1000))).toBeGreaterThan(1e-3);
});

test.each(["none", "linear", "ntk", "dynamic", "yarn", "llama3", "longrope"])(
  "--set model.position.scaling.kind=%s is enough on a stored preset",
  (kind) => {
    const schema = modelSchema();
    const stored = { model: parseConfig(schema, { position: { kind: "rope" } }, "preset") };
    const changed = assigned(stored, [`model.position.scaling.kind=${kind}`]);
    const { position } = parseConfig(schema, changed.model, "preset") as unknown as {
      position: Record<string, unknown>;
    };
    expect((position.scaling as { kind: string }).kind).toBe(kind);
  },
);

test.each([
  [{ kind: "yarn", betaFast: 1, betaSlow: 1 }, /scaling\.betaFast: must be larger than betaSlow/],
  [{ kind: "llama3", highFrequency: 1 }, /scaling\.highFrequency: must be larger than lowFrequency/],
  [{ kind: "linear", factor: 0.5 }, /scaling\.factor: /],
  [{ kind: "linear", betaFast: 3 }, /scaling\.betaFast is not a field; known here: kind, factor/],
  [
    { kind: "quantum" },
    /scaling.*: unknown scaling; known: none, linear, ntk, dynamic, yarn, llama3, longrope/,
  ],
])("%o is refused by its path", (scaling, message) => {
  const parse = () => parseConfig(modelSchema(), { position: { kind: "rope", scaling } }, "preset");
  expect(parse).toThrow(InputError);
  expect(parse).toThrow(message);
});
