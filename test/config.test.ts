import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseConfig } from "../src/config.ts";
import { parsePreset } from "../src/train/preset.ts";
import { preset, refusal } from "./presets.ts";

test("a preset of a name and an encoding has every default", () => {
  expect(parsePreset(preset(), "a.json")).toMatchObject({
    seed: 1,
    engine: "auto",
    model: { layers: 2, heads: 4, width: 64, context: 32, position: { kind: "learned", beyond: "throw" } },
    data: { kind: "who" },
    train: { steps: 1500, objective: "causal", positions: { kind: "contiguous" } },
  });
});

describe("a message names the file, the field by its path, and what may stand there", () => {
  const cases: Record<string, readonly [unknown, RegExp]> = {
    "an unknown field at the top": [
      preset({}, { sede: 2 }),
      /^a\.json: sede is not a field; known here: name, seed, model, data, train, engine, threads$/,
    ],
    "an unknown nested field": [
      preset({ widht: 8 }),
      /^a\.json: model\.widht is not a field; known here: layers, heads, width, .*context, .*position$/,
    ],
    "an unknown field of a part with defaults": [
      preset({}, { train: { stpes: 3 } }),
      /^a\.json: train\.stpes is not a field; known here: steps, batch, learningRate, /,
    ],
    "an unknown field of the encoding": [
      preset({ position: { kind: "learned", beynod: "clamp" } }),
      /^a\.json: model\.position\.beynod is not a field; known here: beyond, kind$/,
    ],
    "an unknown field of another kind's, which has fields of its own": [
      preset({ position: { kind: "none", beyond: "clamp" } }),
      /^a\.json: model\.position\.beyond is not a field; known here: kind$/,
    ],
    "an unknown field of a scheme": [
      preset({}, { train: { positions: { kind: "randomized", by: 3, range: 64 } } }),
      /^a\.json: train\.positions\.by is not a field; known here: kind, range$/,
    ],
    "an unknown encoding": [
      preset({ position: { kind: "astral" } }),
      /^a\.json: model\.position\.kind: unknown encoding; known: .*learned/,
    ],
    "a missing encoding": [{ name: "tiny", model: {} }, /^a\.json: model\.position/],
    "a missing model": [{ name: "tiny" }, /^a\.json: model: /],
    "a wrong type": [
      preset({ width: "wide" }),
      /^a\.json: model\.width: .*expected number, received string$/,
    ],
    "a number that is not whole": [preset({ layers: 1.5 }), /^a\.json: model\.layers: .*int/],
    "a number too small": [preset({}, { train: { steps: 0 } }), /^a\.json: train\.steps: .*>0$/],
    "none of the choices": [preset({ norm: "middle" }), /^a\.json: model\.norm: .*"pre"\|"post"$/],
    "none of the encoding's choices": [
      preset({ position: { kind: "learned", beyond: "guess" } }),
      /^a\.json: model\.position\.beyond: .*"throw"\|"clamp"/,
    ],
    "a width that the heads do not divide": [
      preset({ width: 18 }),
      /^a\.json: model\.width: must be a multiple of model\.heads, or model\.headWidth be given$/,
    ],
    "a name that would leave the folder": [preset({}, { name: "../up" }), /^a\.json: name: letters, digits/],
    "a list": [[], /^a\.json: is not a JSON object/],
    nothing: [null, /^a\.json: is not a JSON object/],
    "an attention that sees its own targets": [
      preset({ attention: "bidirectional" }),
      /^a\.json: model\.attention: .*set train\.objective=masked$/,
    ],
  };

  test.each(Object.entries(cases))("%s", (_, [value, message]) => {
    expect(refusal(value)).toMatch(message);
    expect(refusal(value)).not.toContain("\n");
  });

  test("a value that is wrong as a whole", () => {
    expect(() => parseConfig(z.number(), "x", "b.json")).toThrow(/^b\.json: the value: .*expected number/);
  });

  test("the branch of a union that came furthest", () => {
    const schema = z.object({ at: z.union([z.number(), z.object({ row: z.object({ of: z.number() }) })]) });
    expect(() => parseConfig(schema, { at: { row: { of: "x" } } }, "b.json")).toThrow(
      /^b\.json: at\.row\.of: .*expected number/,
    );
  });
});

test("a message that quotes its input stays one line that steers no terminal", () => {
  const hostile = { "a\nb\u001b[2J\u202ec": 1 };
  const refused = () => parseConfig(z.strictObject({ known: z.int().default(1) }), hostile, "preset");
  expect(refused).toThrow("preset: a b[2Jc is not a field; known here: known");
});
