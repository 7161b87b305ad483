/**
 * Nothing of a Hugging Face folder is passed over in silence: each field and each tensor is read,
 * refused or named in the notes.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../../src/engine/index.ts";
import type { StoredTensor } from "../../../src/formats/safetensors.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { exportCheckpoint } from "../../../src/node/run/exchange.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { configured, copyOf, GOLDENS, withTensors } from "./huggingface-copies.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "unread-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function notesOf(copy: string): Promise<string[]> {
  const { notes, params } = await loadCheckpoint(copy);
  tf.dispose(Object.values(params));
  return notes
    .map((note) => note.replaceAll(copy, "COPY"))
    .filter((note) => !note.includes("tokenizer.json"));
}

const CAUSAL = ["gpt2", "gpt2-untied-erf", "gpt2-half", "gpt2-sharded", "bloom", "mpt", "gpt-neox"];
const NAMES = [
  ...CAUSAL,
  "bert",
  "distilbert",
  "llama",
  "llama-yarn-unrounded",
  "mistral",
  "qwen2-windows",
  "qwen3",
];

test.each(NAMES)("of %s, as transformers wrote it, there is nothing to say", async (name) => {
  const segments =
    /token_type_embeddings\.weight is used in its first row: every token is read as of segment 0$/;
  const said = (await notesOf(copyOf(folder, name))).filter((note) => !segments.test(note));
  expect(said).toEqual([]);
});

test.each(NAMES)("nor of %s as we write it, but for its tokenizer", async (name) => {
  const out = join(folder, `${name}-written`);
  await exportCheckpoint(join(GOLDENS, name), out);
  expect((await notesOf(out)).filter((note) => !note.includes("token_type_embeddings"))).toEqual([]);
});

describe("fields of config.json", () => {
  test.each<[string, string, string]>([
    ["gpt2", "n_embd", "hidden_size"],
    ["gpt2", "n_positions", "max_position_embeddings"],
    ["gpt2", "n_head", "num_attention_heads"],
    ["gpt2", "n_layer", "num_hidden_layers"],
    ["bloom", "n_head", "num_attention_heads"],
    ["bloom", "n_layer", "num_hidden_layers"],
    ["bloom", "hidden_size", "n_embed"],
  ])("of %s: %s is also read as %s, and the two may not differ", async (golden, name, alias) => {
    const config = JSON.parse(readFileSync(join(GOLDENS, golden, "config.json"), "utf8"));
    const value = config[name] as number;
    expect(await notesOf(configured(folder, golden, { [alias]: value }))).toEqual([]);
    expect(await notesOf(configured(folder, golden, { [alias]: value, [name]: undefined }))).toEqual([]);
    const bad = configured(folder, golden, { [alias]: "8", [name]: undefined });
    await expect(loadCheckpoint(bad)).rejects.toThrow(`config.json: ${alias}: `);
    const both = loadCheckpoint(configured(folder, golden, { [alias]: value + 1 }));
    await expect(both).rejects.toThrow(
      `${alias} ${value + 1} and ${name} ${value} are two names of one field`,
    );
  });

  test("the two names of GPT-NeoX's rotation may not differ", async () => {
    const rope_parameters = { rope_type: "default", rope_theta: 10_000, partial_rotary_factor: 0.5 };
    const same = { rope_parameters, rotary_pct: 0.5, rotary_emb_base: 10_000 };
    expect(await notesOf(configured(folder, "gpt-neox", same))).toEqual([]);
    for (const other of [{ rotary_pct: 1 }, { rotary_emb_base: 500 }]) {
      const copy = configured(folder, "gpt-neox", { ...same, ...other });
      await expect(loadCheckpoint(copy)).rejects.toThrow(
        /rope_parameters\.\w+ .* are two names of one field/,
      );
    }
  });

  test.each(["gpt2", "bert", "gpt-neox", "bloom", "llama"])(
    "that nobody reads in a %s are named",
    async (name) => {
      const copy = configured(folder, name, { alpha: 2, "b\u001b[2J": null });
      expect(await notesOf(copy)).toContain(
        "COPY/config.json: not read, and not known to change nothing: alpha, b\\u001b[2J",
      );
    },
  );

  test("nor are those of rope_parameters", async () => {
    const rope_parameters = { rope_type: "default", partial_rotary_factor: 0.5, rope_theta: 10_000, beta: 1 };
    const copy = configured(folder, "gpt-neox", { rope_parameters });
    expect(await notesOf(copy)).toEqual([
      "COPY/config.json: rope_parameters: not read, and not known to change nothing: beta",
    ]);
  });

  test.each<[string, object]>([
    ["pruned_heads", { 0: [1] }],
    ["quantization_config", { bits: 4 }],
    ["is_encoder_decoder", true],
    ["add_cross_attention", true],
  ] as [string, object][])("that would change logits are refused: %s", async (field, value) => {
    const name = field === "add_cross_attention" ? "bert" : "gpt2";
    await expect(loadCheckpoint(configured(folder, name, { [field]: value }))).rejects.toThrow(
      `config.json: ${field}: `,
    );
  });

  test("that are left out have the class's own default, which is said", async () => {
    const copy = configured(folder, "gpt2", {
      activation_function: undefined,
      layer_norm_epsilon: undefined,
    });
    expect(await notesOf(copy)).toEqual([
      'COPY/config.json: does not say activation_function ("gelu_new"), layer_norm_epsilon (0.00001); these are the defaults of GPT2Config',
    ]);
    expect(await notesOf(configured(folder, "gpt2", { n_ctx: 7 }))).toEqual([
      "COPY/config.json: n_ctx 7 is not read; n_positions is 10",
    ]);
  });
});

const f32 = (shape: readonly number[], values: readonly number[]): StoredTensor => ({
  shape,
  dtype: "F32",
  data: Float32Array.from(values),
});
const triangle = (n: number, over = 0) =>
  f32(
    [1, 1, n, n],
    Array.from({ length: n * n }, (_, at) => (at % n <= Math.floor(at / n) ? 1 : over)),
  );

describe("tensors that are set aside are what they are set aside as, and named", () => {
  test.each<[golden: string, name: string, right: StoredTensor, wrong: StoredTensor | undefined]>([
    ["gpt2", "transformer.h.0.attn.bias", triangle(10), triangle(10, 1)],
    ["gpt2", "transformer.h.1.attn.masked_bias", f32([], [-1e4]), f32([], [0])],
    ["gpt-neox", "gpt_neox.layers.0.attention.bias", triangle(4), f32([10], Array(10).fill(1))],
    ["gpt-neox", "gpt_neox.layers.0.attention.masked_bias", f32([], [-1e9]), f32([], [1])],
    ["gpt-neox", "gpt_neox.layers.0.attention.rotary_emb.inv_freq", f32([1], [1]), f32([1], [0.5])],
    ["llama", "model.layers.1.self_attn.rotary_emb.inv_freq", f32([2], [1, 0.01]), f32([2], [1, 0.5])],
    ["bert", "bert.embeddings.position_ids", f32([1, 3], [0, 1, 2]), f32([1, 3], [0, 2, 1])],
    ["bert", "bert.pooler.dense.bias", f32([12], Array(12).fill(1)), undefined],
    ["bert", "cls.seq_relationship.bias", f32([2], [1, 2]), undefined],
  ])("%s: %s", async (golden, name, right, wrong) => {
    const stored = (tensor: StoredTensor) =>
      withTensors(folder, golden, (tensors) => Object.assign(tensors, { [name]: tensor }));
    const shown = name.replace(/\.\d+\./, ".*.");
    expect((await notesOf(await stored(right))).join("\n")).toContain(`${shown} is not used: `);
    if (wrong === undefined) return;
    await expect(loadCheckpoint(await stored(wrong))).rejects.toThrow(
      `not what it is set aside as: ${name} is not `,
    );
  });

  const HEADS = [
    ["gpt2", "lm_head.weight", "transformer.wte.weight"],
    ["gpt-neox-other-head", "embed_out.weight", "gpt_neox.embed_in.weight"],
    ["bloom", "lm_head.weight", "transformer.word_embeddings.weight"],
    ["llama-tied-biased", "lm_head.weight", "model.embed_tokens.weight"],
    ["bert", "cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"],
  ] as const;

  test.each(HEADS)("%s: an equal %s is named, and of another size refused", async (golden, head, table) => {
    const equal = await withTensors(folder, golden, (tensors) => {
      const own = tensors[table] as StoredTensor;
      tensors[head] = { ...own, data: own.data.slice() };
    });
    expect((await notesOf(equal)).join("\n")).toContain(`${head} is not used: it equals ${table}`);
    const other = await withTensors(folder, golden, (tensors) => {
      tensors[head] = f32([1, 12], Array(12).fill(1));
    });
    const message = new RegExp(`shapes: ${head} is F32 \\(1,12\\), expected \\(17,1[26]\\)`);
    await expect(loadCheckpoint(other)).rejects.toThrow(message);
  });

  test("a second head under its other name is refused", async () => {
    const copy = await withTensors(folder, "gpt-neox", (tensors) => {
      tensors["lm_head.weight"] = f32([17, 12], Array(17 * 12).fill(1));
    });
    await expect(loadCheckpoint(copy)).rejects.toThrow("unexpected: lm_head.weight");
  });

  test.each(["gpt2", "gpt-neox", "bloom", "bert"])("%s: an unlike head is said", async (golden) => {
    const notes = (await notesOf(copyOf(folder, `${golden}-other-head`))).join("\n");
    expect(notes).toMatch(/ differs from \S+, though config\.json ties them; both are used/);
  });
});
