/** How config.json of a Phi-3 says which part of a head turns, and what of a model it has no words for. */
import { describe, expect, test } from "vitest";
import { lackedBy } from "../../src/formats/huggingface/architecture.ts";
import { phi3 } from "../../src/formats/huggingface/phi3.ts";
import { modelSchema } from "../../src/model/config.ts";

const SIZES = { hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 24 };
const read = (fields: object) =>
  phi3.read({ model_type: "phi3", ...SIZES, ...fields }, new Set(), "config.json").model;
const positionOf = (fields: object) => read(fields).position as unknown as Record<string, unknown>;

describe("the part of a head that turns", () => {
  test.each<[object, number]>([
    [{}, 1],
    [{ rope_theta: 9, rope_scaling: null, partial_rotary_factor: null }, 1],
    [{ partial_rotary_factor: 0.5 }, 0.5],
    [{ rope_parameters: { rope_theta: 9, partial_rotary_factor: 0.5 } }, 0.5],
    [{ partial_rotary_factor: 0.5, rope_parameters: { partial_rotary_factor: 0.5 } }, 0.5],
  ])("of %j is %f", (fields, rotary) => {
    expect(positionOf(fields)).toMatchObject({ kind: "rope", rotary, scaling: { kind: "none" } });
  });

  test("is refused where two fields differ", () => {
    expect(() => read({ partial_rotary_factor: 0.5, rope_parameters: { partial_rotary_factor: 1 } })).toThrow(
      /partial_rotary_factor 1 and 0\.5 are two names of one field/,
    );
    expect(() => read({ partial_rotary_factor: 2 })).toThrow(/config\.json: partial_rotary_factor: /);
  });
});

const lists = { short_factor: [1, 1], long_factor: [2, 3] };

test.each(["su", "yarn", "longrope"])("%s is longrope from the context beside the dictionary on", (type) => {
  const fields = {
    ...{ partial_rotary_factor: 0.5, max_position_embeddings: 512 },
    ...{ original_max_position_embeddings: 128, rope_scaling: { type, ...lists } },
  };
  expect(positionOf(fields)).toMatchObject({
    rotary: 0.5,
    scaling: { kind: "longrope", factor: 4, short: [1, 1], long: [2, 3], original: 128 },
  });
});

test.each<[object, RegExp]>([
  [{ attention_bias: true }, /attention_bias: /],
  [{ lm_head_bias: true }, /lm_head_bias: /],
  [{ interpolate_factor: 2 }, /interpolate_factor: /],
  [{ hidden_act: "gelu" }, /hidden_act: /],
])("%j is refused", (fields, message) => {
  expect(() => read(fields)).toThrow(message);
});

test("what it has no words for is named", () => {
  const lacking = (fields: object) =>
    lackedBy(phi3, modelSchema().parse({ ...read({}), layers: 2, ...fields })).join();
  const rope = (scaling: object) => ({ position: { kind: "rope", rotary: 0.5, scaling } });
  expect(lacking({ ...rope({ kind: "none" }), window: 3, headWidth: 10 })).toBe("");
  expect(lacking({ ...rope({ kind: "longrope" }), headWidth: 10 })).toMatch(/headWidth 10 with longrope/);
  expect(lacking(rope({ kind: "linear" }))).toMatch(/scaling "linear" where it has "none" or "longrope"/);
  expect(lacking({ window: [null, 3] })).toMatch(/model\.window of some layers where all have it/);
  expect(lacking({ position: { kind: "rope", turning: 0.5 } })).toMatch(/model\.position\.turning 0\.5/);
  expect(lacking({ bias: "qkv" })).toMatch(/model\.bias "qkv" where it has false/);
});
