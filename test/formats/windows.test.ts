/** Sliding windows of Mistral's and Qwen's config.json, and their biases. */
import { describe, expect, test } from "vitest";
import type { Architecture } from "../../src/formats/huggingface/architecture.ts";
import { mistral } from "../../src/formats/huggingface/mistral.ts";
import { qwen2 } from "../../src/formats/huggingface/qwen2.ts";
import { qwen3 } from "../../src/formats/huggingface/qwen3.ts";
import { smolLm3 } from "../../src/formats/huggingface/smollm3.ts";
import { type ModelConfig, modelSchema } from "../../src/model/config.ts";

const SIZES = { hidden_size: 16, num_hidden_layers: 3, num_attention_heads: 4, intermediate_size: 24 };
const read = (architecture: Architecture, fields: object) =>
  architecture.read({ ...SIZES, num_key_value_heads: 2, ...fields }, new Set(), "config.json");
const windowOf = (architecture: Architecture, fields: object) => read(architecture, fields).model.window;

const [full, sliding] = ["full_attention", "sliding_attention"];

describe("Mistral", () => {
  test("one window for all layers, none where it is null, and the class's own where it is left out", () => {
    expect(windowOf(mistral, { sliding_window: 8 })).toBe(8);
    expect(windowOf(mistral, { sliding_window: null })).toBeUndefined();
    expect(windowOf(mistral, {})).toBe(4096);
    expect(read(mistral, {}).notes.join()).toMatch(/does not say .*sliding_window \(4096\)/);
  });

  test.each<[object, RegExp[]]>([
    [{ window: [null, 3, 3] }, [/of some layers where all have it, or none/]],
    [{ window: [2, 3, 3] }, [/of 2 and 3 tokens where all layers have one size/]],
    [{ window: 3 }, []],
    [{}, []],
  ])("a model with %j", (fields, faults) => {
    const found = mistral.lacks?.(configOf(fields)) ?? [];
    expect(found).toHaveLength(faults.length);
    for (const [i, fault] of faults.entries()) expect(found[i]).toMatch(fault);
  });
});

const configOf = (fields: object): ModelConfig =>
  modelSchema().parse({ layers: 3, position: { kind: "rope" }, ...fields });

describe("Qwen2", () => {
  const on = { use_sliding_window: true, sliding_window: 8 };
  test.each<[string, object, unknown]>([
    ["windows are off", { sliding_window: 8, max_window_layers: 0 }, undefined],
    ["from a layer on", { ...on, max_window_layers: 1 }, [null, 8, 8]],
    ["from past the last layer on", { ...on, max_window_layers: 28 }, undefined],
    ["in all layers", { ...on, max_window_layers: 0 }, 8],
    ["of no size", { ...on, sliding_window: null, max_window_layers: 0 }, undefined],
    ["of the class's size", { use_sliding_window: true, max_window_layers: 0 }, 4096],
    [
      "by the kinds of layers, whatever else is said",
      { ...on, layer_types: [sliding, full, full] },
      [8, null, null],
    ],
  ])("%s", (_title, fields, window) => {
    expect(windowOf(qwen2, fields)).toEqual(window);
  });

  test.each<[object, RegExp]>([
    [{ layer_types: [full] }, /layer_types has 1 entries for 3 layers/],
    [
      { layer_types: [sliding, full, full] },
      /sliding_attention, with use_sliding_window false and sliding_window/,
    ],
    [{ ...on, layer_types: ["chunked_attention", full, full] }, /layer_types\.0/],
    [{ ...on, sliding_window: 0 }, /sliding_window/],
  ])("%j is refused", (fields, message) => {
    expect(() => read(qwen2, fields)).toThrow(message);
  });

  test("biases are those of queries, keys and values", () => {
    expect(read(qwen2, {}).model.bias).toBe("qkv");
  });
});

describe("Qwen3", () => {
  test("heads are 128 wide where that is left out, and the width over the heads where it is null", () => {
    expect(read(qwen3, {}).model.headWidth).toBe(128);
    expect(read(qwen3, { head_dim: null }).model.headWidth).toBeUndefined();
  });

  test("queries and keys are normalized, attention has four biases or none, windows are as Qwen2's", () => {
    expect(read(qwen3, {}).model).toMatchObject({ qkNorm: true, bias: false });
    expect(read(qwen3, { attention_bias: true }).model.bias).toBe("attention");
    expect(windowOf(qwen3, { use_sliding_window: true, sliding_window: 8, max_window_layers: 2 })).toEqual([
      null,
      null,
      8,
    ]);
  });
});

describe("SmolLM3", () => {
  const kindsOf = (fields: object) => {
    const { position } = read(smolLm3, { rope_theta: 500, ...fields }).model;
    return Array.isArray(position) ? position.map((one) => (one as { kind: string }).kind) : position;
  };
  const rope = { kind: "rope", layout: "halves", base: 500, rotary: 1, scaling: { kind: "none" } };

  test("no rotation where no_rope_layers has a 0, else in every fourth layer or every nth", () => {
    expect(kindsOf({ no_rope_layers: [0, 1, 0] })).toEqual(["none", "rope", "none"]);
    expect(kindsOf({ num_hidden_layers: 5 })).toEqual(["rope", "rope", "rope", "none", "rope"]);
    expect(kindsOf({ no_rope_layer_interval: 2 })).toEqual(["rope", "none", "rope"]);
    expect(kindsOf({ no_rope_layers: [1, 1, 1, 0] })).toEqual(rope);
    expect(() => kindsOf({ no_rope_layers: [1, 1] })).toThrow(/no_rope_layers has 2 entries for 3 layers/);
    expect(() => kindsOf({ no_rope_layers: [1, 1, 2] })).toThrow(/no_rope_layers\.2/);
  });

  test("layers that do not turn slide, where windows are on", () => {
    const layers = { no_rope_layers: [1, 0, 1], use_sliding_window: true };
    expect(windowOf(smolLm3, { ...layers, sliding_window: 8 })).toEqual([null, 8, null]);
    expect(windowOf(smolLm3, layers)).toBeUndefined();
  });

  test.each<[object, RegExp[]]>([
    [{ position: ["rope", "none", "rope"] }, []],
    [{ position: ["rope", "alibi", "none"] }, [/"alibi" of a layer where it has "rope" or "none"/]],
    [{ position: ["rope", { kind: "rope", base: 50 }, "none"] }, [/turn otherwise than others/]],
    [{ position: ["none", { kind: "rope", layout: "interleaved" }, "none"] }, [/layout "interleaved"/]],
    [{ bias: "qkv" }, [/model\.bias "qkv"/]],
  ])("a model with %j", (fields, faults) => {
    const found = smolLm3.lacks?.(configOf(fields)) ?? [];
    expect(found).toHaveLength(faults.length);
    for (const [i, fault] of faults.entries()) expect(found[i]).toMatch(fault);
  });
});
