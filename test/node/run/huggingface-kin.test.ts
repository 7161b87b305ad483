/**
 * RoBERTa, DistilBERT, MPT, OPT and GPT-J: what of them is refused, and which of several
 * architectures an export is.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slopes } from "../../../src/encodings/alibi.ts";
import { startEngine } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/errors.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { exportCheckpoint, importCheckpoint } from "../../../src/node/run/exchange.ts";
import { readSafetensors } from "../../../src/node/run/safetensors-file.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { listed } from "../../../src/train/preset.ts";
import { configured, GOLDENS } from "./huggingface-copies.ts";
import { saveModel } from "./training-saved.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kin-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function refusal(work: Promise<unknown>): Promise<string> {
  const tensors = tf.memory().numTensors;
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(tf.memory().numTensors).toBe(tensors);
  return (error as Error).message;
}

const configIn = (path: string) =>
  JSON.parse(readFileSync(join(path, "config.json"), "utf8")) as Record<string, unknown>;

describe("a config.json that our model cannot follow is refused by its field", () => {
  test.each<[string, object, RegExp]>([
    ["roberta", { hidden_act: "gelu_new" }, /hidden_act "gelu_new" with a head, whose GELU is exact/],
    ["roberta", { hidden_act: "relu" }, /config\.json: hidden_act: /],
    ["roberta", { pad_token_id: null }, /config\.json: pad_token_id: /],
    ["roberta", { pad_token_id: 11 }, /max_position_embeddings 12 leaves no position behind pad_token_id 11/],
    // The row of position 0 is part of the table's shape: rows that the file does not have are missed.
    [
      "roberta",
      { max_position_embeddings: 13 },
      /position_embeddings\.weight is F32 \(12,12\), expected \(13,12\)/,
    ],
    ["roberta", { is_decoder: true }, /is_decoder: /],
    ["roberta", { position_embedding_type: "relative_key" }, /position_embedding_type: /],
    ["distilbert", { activation: "silu" }, /config\.json: activation: /],
    ["distilbert", { hidden_dim: 40 }, /ffn\.lin1\.weight is F32 \(48,12\), expected \(40,12\)/],
    ["opt", { do_layer_norm_before: false }, /do_layer_norm_before: /],
    ["opt", { word_embed_proj_dim: 6 }, /word_embed_proj_dim 6 is not hidden_size 12: /],
    ["opt", { enable_bias: false }, /enable_bias: /],
    ["opt", { layer_norm_elementwise_affine: false }, /layer_norm_elementwise_affine: /],
    ["opt", { _remove_final_layer_norm: true }, /_remove_final_layer_norm: /],
    ["opt", { activation_function: "silu" }, /activation_function: /],
    ["opt", { max_position_embeddings: 12 }, /embed_positions\.weight is F32 \(12,12\), expected \(14,12\)/],
    ["gptj", { rotary_dim: null }, /rotary_dim: /],
    ["gptj", { rotary_dim: 3 }, /rotary 0\.375 of heads of width 8 is 3 columns, which are not pairs/],
    ["gptj", { rotary: false }, /rotary: /],
    ["mpt", { expansion_ratio: 2 }, /expansion_ratio: /],
    ["mpt", { no_bias: false }, /no_bias: /],
    ["mpt", { logit_scale: "inv_sqrt_d_model" }, /logit_scale: /],
    ["mpt", { attn_config: { alibi: false } }, /attn_config: alibi: /],
    ["mpt", { attn_config: { alibi_bias_max: 16 } }, /attn_config: alibi_bias_max: /],
    ["mpt", { attn_config: { clip_qkv: 8 } }, /attn_config: clip_qkv: /],
    ["mpt", { attn_config: { softmax_scale: 0.25 } }, /attn_config: softmax_scale 0\.25 is not 1\/√4/],
    ["mpt", { attn_config: { attn_type: "multiquery_attention" } }, /attn_config: attn_type: /],
    ["mpt", { attn_config: { qk_ln: true } }, /attn_config: qk_ln: /],
    ["mpt", { attn_config: { prefix_lm: true } }, /attn_config: prefix_lm: /],
  ])("%s with %j", async (name, fields, message) => {
    expect(await refusal(loadCheckpoint(configured(folder, name, fields)))).toMatch(message);
  });

  test("MPT's scale may be said where it is the usual one", async () => {
    const { model, params } = await loadCheckpoint(
      configured(folder, "mpt", { attn_config: { softmax_scale: 0.5, clip_qkv: 0 } }),
    );
    tf.dispose(Object.values(params));
    expect(model.config).toMatchObject({ bias: false, heads: 3, position: { kind: "alibi" } });
  });
});

/** As its published code: every slope of the next power of two, those of odd places behind the others. */
function slopesOfMpt(heads: number): number[] {
  const n = 2 ** Math.ceil(Math.log2(heads));
  const all = Array.from({ length: n }, (_, i) => 1 / 2 ** ((i + 1) * (8 / n)));
  if (n === heads) return all;
  return [...all.filter((_, i) => i % 2 === 1), ...all.filter((_, i) => i % 2 === 0)].slice(0, heads);
}

test.each([1, 3, 5, 6, 8, 12, 25, 112])(
  "the slopes of MPT with %i heads are those of ALiBi here",
  (heads) => {
    const [ours, theirs] = [slopes(heads), slopesOfMpt(heads)];
    expect(ours).toHaveLength(heads);
    ours.forEach((slope, h) => {
      expect(slope / (theirs[h] as number)).toBeCloseTo(1, 12);
    });
  },
);

describe("of several architectures that fit, an export is", () => {
  const encoder = {
    ...{ attention: "bidirectional", norm: "post", embeddingNorm: true, normEpsilon: 1e-12, gelu: "erf" },
    head: "transform",
  };
  const exported = async (checkpoint: string, name: string, architecture?: string) => {
    const out = join(folder, name);
    await exportCheckpoint(checkpoint, out, listed, { architecture });
    return configIn(out);
  };

  test("the first, or the one asked for", async () => {
    const { path, model } = await saveModel(folder, "encoder", encoder);
    expect(await exported(path, "as-it-comes")).toMatchObject({ model_type: "bert" });
    expect(await exported(path, "as-distilbert", "distilbert")).toMatchObject({ model_type: "distilbert" });
    const first = (configIn(join(folder, "as-it-comes")).pad_token_id as number) + 1;
    expect(await exported(path, "as-roberta", "roberta")).toMatchObject({
      model_type: "roberta",
      pad_token_id: first - 1,
      max_position_embeddings: first + model.shape.context,
    });
    const { tensors } = await readSafetensors(join(folder, "as-roberta", "model.safetensors"));
    const table = tensors["roberta.embeddings.position_embeddings.weight"];
    expect(table?.shape).toEqual([first + 12, 8]);
    expect(table?.data.subarray(0, first * 8).every((value) => value === 0)).toBe(true);
  });

  test("what the model came from, an imported checkpoint's too", async () => {
    const step = join(folder, "roberta-imported");
    await importCheckpoint(join(GOLDENS, "roberta-without-head"), step);
    const fields = { model_type: "roberta", pad_token_id: 7, max_position_embeddings: 18 };
    expect(await exported(join(GOLDENS, "roberta-without-head"), "roberta-back")).toMatchObject(fields);
    expect(await exported(step, "roberta-back-again")).toMatchObject(fields);
    expect(await exported(step, "bert-of-roberta", "bert")).toMatchObject({
      model_type: "bert",
      max_position_embeddings: 10,
    });
  });

  test.each<[string, object, string | undefined, RegExp]>([
    ["opt", { mlp: "swiglu" }, "opt", /model\.mlp "swiglu" where it has "relu" or "gelu"/],
    ["gpt2", { mlp: "relu" }, "gpt2", /is no GPT-2: model\.mlp "relu" where it has "gelu"/],
    [
      "bert",
      { ...encoder, head: "biased" },
      "bert",
      /model\.head "biased" where it has "linear" or "transform"/,
    ],
    [
      "gptj",
      { residual: "parallel", position: { kind: "rope" } },
      "gptj",
      /residual "parallel" where .*layout "halves"/,
    ],
    [
      "one norm",
      { residual: "parallel-one-norm", position: { kind: "rope" } },
      "gpt_neox",
      /model\.residual "parallel-one-norm" where it has a norm for each/,
    ],
  ])("not what lacks a part: %s", async (name, fields, architecture, message) => {
    const { path } = await saveModel(folder, `lacking-${name.replace(" ", "-")}`, fields);
    const work = exportCheckpoint(path, join(folder, "never"), listed, { architecture });
    expect(await refusal(work)).toMatch(message);
  });

  test("refused where the one asked for does not fit, or is none", async () => {
    const gpt = (await saveModel(folder, "gpt")).path;
    const never = (architecture: string) =>
      refusal(exportCheckpoint(gpt, join(folder, "never"), listed, { architecture }));
    expect(await never("mpt")).toMatch(/is no MPT: model\.position "learned" where it has "alibi"/);
    expect(await never("bert")).toMatch(/is no BERT: .*model\.norm "pre" where it has "post"/);
    expect(await never("t5")).toMatch(/architecture "t5" is not read; known: gpt2, bert, /);
  });

  test("refused as RoBERTa where no padding token says where positions begin", async () => {
    const bert = exportCheckpoint(join(GOLDENS, "bert"), join(folder, "never"), listed, {
      architecture: "roberta",
    });
    expect(await refusal(bert)).toMatch(/RoBERTa counts positions from behind its padding token/);
  });
});
