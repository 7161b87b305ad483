/**
 * What cannot be imported or exported, and what is said then: never a model that is nearly the one
 * that was meant.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import type { StoredTensor } from "../../../src/formats/safetensors.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { exportCheckpoint, importCheckpoint } from "../../../src/node/run/exchange.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { configured, GOLDENS, type Tensors, withTensors } from "./huggingface-copies.ts";
import { saveModel } from "./training-saved.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "refusals-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function refusal(work: Promise<unknown>, shown: string): Promise<string> {
  const tensors = tf.memory().numTensors;
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(tf.memory().numTensors).toBe(tensors);
  return (error as Error).message.replaceAll(shown, "COPY");
}

describe("a config.json that our model cannot follow is refused by its field", () => {
  test.each<[string, object, RegExp]>([
    ["gpt2", { activation_function: "relu" }, /^COPY\/config\.json: activation_function: /],
    ["gpt2", { n_inner: 40 }, /h\.0\.mlp\.c_fc\.weight is F32 \(12,48\), expected \(12,40\)/],
    ["gpt2", { scale_attn_by_inverse_layer_idx: true }, /scale_attn_by_inverse_layer_idx: /],
    ["gpt2", { n_head: 5 }, /model\.width: must be a multiple of model\.heads/],
    ["gpt2", { n_layer: 2 ** 53 }, /n_layer: /],
    ["gpt2", { n_layer: 2000 }, /model\.layers: /],
    ["gpt2", { model_type: "t5" }, /model_type "t5" is not read; known: gpt2, bert, gpt_neox, bloom, /],
    ["bert", { position_embedding_type: "relative_key" }, /position_embedding_type: /],
    ["bert", { is_decoder: true }, /is_decoder: /],
    ["bert", { layer_norm_eps: 0 }, /model\.normEpsilon: /],
    ["gpt-neox", { attention_bias: false }, /attention_bias: /],
    ["gpt-neox", { rope_parameters: { rope_type: "mrope" } }, /rope_parameters: rope_type "mrope"/],
    ["gpt-neox", { rope_parameters: { rope_type: "proportional" } }, /rope_type "proportional" is not read/],
    ["gpt-neox", { rope_parameters: { rope_type: "default", partial_rotary_factor: 0.3 } }, /rotary 0\.3/],
    ["llama", { hidden_act: "gelu" }, /hidden_act: /],
    ["llama", { num_key_value_heads: 3 }, /model\.keyValueHeads: must divide model\.heads/],
    ["llama", { head_dim: 6 }, /q_proj\.weight is F32 \(16,16\), expected \(24,16\)/],
    ["llama", { rope_interleaved: true }, /rope_interleaved: /],
    ["llama", { rope_scaling: { type: "longrope", factor: 2 } }, /rope_scaling: short_factor: /],
    ["llama", { partial_rotary_factor: 0.5 }, /partial_rotary_factor: /],
    [
      "llama",
      { rope_parameters: { rope_type: "longrope", short_factor: [1], long_factor: [1, 2] } },
      /scaling\.short has 1 factors for 2 pairs that turn/,
    ],
    [
      "bloom",
      { apply_residual_connection_post_layernorm: true },
      /apply_residual_connection_post_layernorm: /,
    ],
    [
      "bloom",
      { slow_but_exact: true, pretraining_tp: 2 },
      /slow_but_exact true with pretraining_tp 2 leaves/,
    ],
  ])("%s with %j", async (name, fields, message) => {
    const copy = configured(folder, name, fields);
    expect(await refusal(loadCheckpoint(copy), copy)).toMatch(message);
  });

  test("GPT-NeoX without rope_parameters is read by the names of before 2025, and turns a quarter without either", async () => {
    const rotaryOf = async (fields: object) => {
      const { model, params } = await loadCheckpoint(
        configured(folder, "gpt-neox", { rope_parameters: undefined, num_attention_heads: 1, ...fields }),
      );
      tf.dispose(Object.values(params));
      return model.config.position as unknown as { rotary: number; base: number };
    };
    expect(await rotaryOf({ rotary_pct: 1, rotary_emb_base: 500 })).toMatchObject({ rotary: 1, base: 500 });
    // 12 columns: a quarter is 3, which are not pairs. It is what Hugging Face reads too, and fails at.
    await expect(rotaryOf({})).rejects.toThrow(/rotary 0\.25 of heads of width 12 is 3 columns/);
    await expect(rotaryOf({ partial_rotary_factor: 1 })).rejects.toThrow(/rotary 0\.25/);
  });
});

describe("tensors that are not those of the config are listed", () => {
  async function refused(change: (tensors: Tensors) => void): Promise<string> {
    const copy = await withTensors(folder, "gpt2", change);
    return refusal(loadCheckpoint(copy), copy);
  }

  test("missing, unexpected and misshapen, by Hugging Face's names", async () => {
    const message = await refused((tensors) => {
      delete tensors["transformer.wpe.weight"];
      tensors["transformer.h.9.ln_1.weight"] = tensors["transformer.ln_f.weight"] as StoredTensor;
      tensors["transformer.ln_f.bias"] = { shape: [2, 6], dtype: "F32", data: new Float32Array(12) };
    });
    expect(message).toBe(
      "COPY: is not the GPT-2 of its config.json; missing: transformer.wpe.weight. " +
        "unexpected: transformer.h.9.ln_1.weight. shapes: transformer.ln_f.bias is F32 (2,6), expected (12)",
    );
  });

  test("integers where weights belong", async () => {
    const message = await refused((tensors) => {
      tensors["transformer.ln_f.bias"] = { shape: [12], dtype: "I32", data: new Int32Array(12) };
    });
    expect(message).toMatch(/transformer\.ln_f\.bias is I32 \(12\), expected \(12\)/);
  });

  test("many names are cut short", async () => {
    const copy = configured(folder, "gpt2", { n_layer: 1024 });
    expect(await refusal(loadCheckpoint(copy), copy)).toMatch(/missing: (\S+; ){12}and \d+ more$/);
  });
});

describe("a model that no architecture has", () => {
  test.each<[string, object, RegExp]>([
    [
      "sinusoids",
      { position: { kind: "sinusoidal" } },
      /no architecture of Hugging Face has sinusoidal positions and causal attention; there are GPT-2 \(learned, causal\), BERT/,
    ],
    [
      "a bare encoder",
      { attention: "bidirectional" },
      /is no BERT: model\.norm "pre" where it has "post", model\.embeddingNorm false where it has true/,
    ],
    ["post-norm", { norm: "post" }, /is no GPT-2: model\.norm "post" where it has "pre"/],
    [
      "interleaved rope",
      { position: { kind: "rope", layout: "interleaved" } },
      /is no GPT-NeoX: model\.position\.layout "interleaved"/,
    ],
    [
      "a gated MLP after layer normalization",
      { mlp: "swiglu", bias: false, position: { kind: "rope" } },
      /is no Llama: model\.normKind "layer" where it has "rms"; train/,
    ],
    ["alibi on bare embeddings", { position: { kind: "alibi" } }, /is no BLOOM: model\.embeddingNorm false/],
  ])("is not exported, and told apart by its fields: %s", async (title, fields, message) => {
    const { path } = await saveModel(folder, title.replace(/\W/g, "-"), fields);
    expect(await refusal(exportCheckpoint(path, join(folder, "never")), path)).toMatch(message);
  });

  test("and one that was: the folder must be new", async () => {
    await importCheckpoint(join(GOLDENS, "gpt2"), join(folder, "once"));
    const again = importCheckpoint(join(GOLDENS, "gpt2"), join(folder, "once"));
    expect(await refusal(again, folder)).toMatch(/once: exists already/);
  });
});
