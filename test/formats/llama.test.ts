/** How config.json of a Llama says its rotation, its biases and its heads, and what of it is refused. */
import { describe, expect, test } from "vitest";
import { llama } from "../../src/formats/huggingface/llama.ts";
import { ropeLacks, writtenRope } from "../../src/formats/huggingface/rope-written.ts";
import { modelSchema } from "../../src/model/config.ts";

const SIZES = { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 4, intermediate_size: 24 };
const read = (fields: object) =>
  llama.read({ model_type: "llama", ...SIZES, ...fields }, new Set(), "config.json");
/** base and scaling of what is read. */
function ropeOf(fields: object) {
  const { base, scaling } = read(fields).model.position as unknown as { base: number; scaling: object };
  return { base, scaling };
}

describe("the rotation", () => {
  const llama3 = { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
  const yarn = { rope_type: "yarn", factor: 4 };
  const longrope = { rope_type: "longrope", short_factor: [1, 1], long_factor: [2, 3] };
  test.each<[string, object, object]>([
    ["nothing", {}, { base: 10_000, scaling: { kind: "none" } }],
    ["of before", { rope_theta: 500, rope_scaling: null }, { base: 500, scaling: { kind: "none" } }],
    [
      "of before, scaled",
      { rope_theta: 500, rope_scaling: { type: "linear", factor: 2 } },
      { base: 500, scaling: { kind: "linear", factor: 2 } },
    ],
    ["of transformers 5", { rope_parameters: { rope_theta: 500 } }, { base: 500, scaling: { kind: "none" } }],
    [
      "under both names, alike",
      {
        rope_theta: 9,
        rope_scaling: { type: "dynamic", factor: 2 },
        rope_parameters: { rope_type: "dynamic", factor: 2, rope_theta: 9 },
      },
      { base: 9, scaling: { kind: "dynamic", factor: 2 } },
    ],
    [
      "llama3, whose first training had a context of its own",
      { rope_theta: 500, rope_scaling: { ...llama3, original_max_position_embeddings: 512 } },
      { base: 500, scaling: { kind: "llama3", factor: 8, lowFrequency: 1, highFrequency: 4, original: 512 } },
    ],
    [
      "llama3 of the model's context",
      { rope_theta: 500, rope_parameters: llama3 },
      { base: 500, scaling: { kind: "llama3", factor: 8, lowFrequency: 1, highFrequency: 4 } },
    ],
    [
      "yarn, by its usual turns",
      { rope_theta: 500, rope_parameters: { ...yarn, beta_fast: null } },
      { base: 500, scaling: { kind: "yarn", factor: 4, betaFast: 32, betaSlow: 1 } },
    ],
    [
      "yarn, unrounded, with a factor of its own and its first context beside the dictionary",
      {
        rope_theta: 500,
        original_max_position_embeddings: 64,
        rope_parameters: { ...yarn, attention_factor: 2, mscale: 1, mscale_all_dim: 0.5, truncate: false },
      },
      {
        base: 500,
        scaling: {
          kind: "yarn",
          factor: 4,
          betaFast: 32,
          betaSlow: 1,
          original: 64,
          attention: 2,
          truncate: false,
        },
      },
    ],
    [
      "longrope, whose factor is that of the contexts",
      { rope_theta: 500, original_max_position_embeddings: 512, rope_scaling: longrope },
      { base: 500, scaling: { kind: "longrope", factor: 4, short: [1, 1], long: [2, 3], original: 512 } },
    ],
    [
      "longrope, with a factor below 1 and a size of its own",
      { rope_theta: 500, rope_parameters: { ...longrope, factor: 0.5, attention_factor: 1.2 } },
      { base: 500, scaling: { kind: "longrope", factor: 1, short: [1, 1], long: [2, 3], attention: 1.2 } },
    ],
    [
      "yarn, whose factor is that of the contexts",
      {
        rope_theta: 500,
        rope_parameters: { ...yarn, factor: null, original_max_position_embeddings: 512 },
      },
      { base: 500, scaling: { kind: "yarn", factor: 4, betaFast: 32, betaSlow: 1, original: 512 } },
    ],
  ])("%s", (_title, fields, rope) => {
    expect(ropeOf(fields)).toEqual(rope);
  });

  test("yarn's factor of mscale and mscale_all_dim: (0.1·a·ln s + 1)/(0.1·b·ln s + 1)", () => {
    const { scaling } = ropeOf({ rope_parameters: { ...yarn, mscale: 0.7, mscale_all_dim: 0.3 } });
    const of = (scale: number) => 0.1 * scale * Math.log(4) + 1;
    expect((scaling as { attention: number }).attention).toBeCloseTo(of(0.7) / of(0.3), 12);
  });

  test.each<[object, RegExp]>([
    [{ rope_parameters: { rope_type: "longrope" } }, /^config\.json: rope_parameters: (short|long)_factor: /],
    [{ rope_parameters: { ...longrope, long_factor: 2 } }, /rope_parameters: long_factor: /],
    [{ rope_parameters: { ...longrope, short_factor: [0, 1] } }, /rope_parameters: short_factor/],
    [{ rope_parameters: { rope_type: "proportional", partial_rotary_factor: 2 } }, /partial_rotary_factor: /],
    [{ partial_rotary_factor: 0.5 }, /^config\.json: partial_rotary_factor: /],
    [{ rope_scaling: { type: "mrope", mrope_section: [1] } }, /rope_scaling: rope_type "mrope"/],
    [{ rope_parameters: { partial_rotary_factor: 0.5 } }, /rope_parameters: partial_rotary_factor/],
    [{ rope_scaling: { type: "linear" } }, /rope_scaling: factor/],
    [{ rope_parameters: { ...llama3, low_freq_factor: undefined } }, /low_freq_factor/],
    [
      { rope_parameters: { full_attention: { rope_theta: 5 } } },
      /rope_parameters\.full_attention: is a rotation of some layers/,
    ],
    [
      { rope_theta: 5, rope_parameters: { rope_theta: 6 } },
      /one rope_theta 6 and another 5 are two names of one field/,
    ],
    [
      { rope_scaling: { type: "linear", factor: 2 }, rope_parameters: { rope_type: "default" } },
      /rope_parameters \{.*\} and rope_scaling \{.*\} are two names of one field/,
    ],
  ])("%j is refused", (fields, message) => {
    expect(() => read(fields)).toThrow(message);
  });

  test("a field that a type does not read is named", () => {
    const { notes } = read({
      rope_parameters: { rope_type: "dynamic", factor: 2, original_max_position_embeddings: 8 },
    });
    expect(notes.join("\n")).toContain(
      "rope_parameters: not read, and not known to change nothing: original_max_position_embeddings",
    );
  });
});

test("proportional is p-RoPE, both ways", () => {
  const proportional = { rope_type: "proportional", rope_theta: 500, partial_rotary_factor: 0.5 };
  const model = (rope_parameters: object) => modelSchema().parse(read({ rope_parameters }).model);
  expect(model(proportional).position).toMatchObject({ turning: 0.5, rotary: 1, scaling: { kind: "none" } });
  expect(model({ ...proportional, partial_rotary_factor: 1 }).position).not.toHaveProperty("turning");
  for (const written of [proportional, { ...proportional, factor: 2 }])
    expect(writtenRope(model(written)).rope_parameters).toEqual(written);
  const scaled = { kind: "rope", turning: 0.5, scaling: { kind: "yarn" } };
  expect(ropeLacks(modelSchema().parse({ position: scaled }))).toEqual([
    'model.position.turning 0.5 with scaling "yarn"',
  ]);
});

test("longrope without lists is written with those that it has by default", () => {
  const position = { kind: "rope", scaling: { kind: "longrope", factor: 4 } };
  const { rope_parameters } = writtenRope(
    modelSchema().parse({ width: 12, heads: 2, context: 32, position }),
  );
  expect(rope_parameters).toEqual({
    ...{ rope_type: "longrope", rope_theta: 10_000, factor: 4, original_max_position_embeddings: 32 },
    ...{ short_factor: [1, 1, 1], long_factor: [1, 2, 4] },
  });
});

test("head_dim and num_key_value_heads left out are the width over the heads, and the heads", () => {
  const { headWidth, keyValueHeads } = read({}).model;
  expect([headWidth, keyValueHeads]).toEqual([undefined, undefined]);
  expect(read({ head_dim: null, num_key_value_heads: null }).model).toEqual(read({}).model);
  expect(read({ head_dim: 6, num_key_value_heads: 2 }).model).toMatchObject({
    headWidth: 6,
    keyValueHeads: 2,
  });
});

test.each([
  [{}, false],
  [{ attention_bias: true }, "attention"],
  [{ mlp_bias: true }, "mlp"],
  [{ attention_bias: true, mlp_bias: true }, true],
])("%j are the biases %j", (fields, bias) => {
  expect(read(fields).model.bias).toBe(bias);
});
