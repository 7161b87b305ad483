/** What a training run saves is what is loaded: the same model, and nothing that does not fit it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeSafetensors } from "../../../src/formats/safetensors.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint, loadState } from "../../../src/node/run/checkpoint.ts";
import { readSafetensors } from "../../../src/node/run/safetensors-file.ts";
import { logitsOf } from "../../../src/probes/logits.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { saveModel } from "./training-saved.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

const IDS = [0, 5, 9, 17];

const jsonOf = (path: string, file: string) =>
  JSON.parse(readFileSync(join(path, file), "utf8")) as Record<string, unknown>;

describe("a step directory", () => {
  test.each([
    ["a GPT-2", {}],
    ["post-norm without biases", { norm: "post", bias: false, position: { kind: "none" } }],
    ["untied, with relative biases", { tied: false, layers: 2, position: { kind: "relative", window: 3 } }],
    ["an encoder", { attention: "bidirectional", position: { kind: "sinusoidal" } }],
  ])("loads as the model that was saved, to the bit: %s", async (title, fields) => {
    const { path, model, state } = await saveModel(folder, title.replace(/\W/g, ""), fields);
    const logits = await logitsOf(model, state.params, IDS);
    const before = tf.memory().numTensors;
    const loaded = await loadCheckpoint(path);
    expect(loaded.step).toBe(3);
    expect(await logitsOf(loaded.model, loaded.params, IDS)).toEqual(logits);
    tf.dispose(Object.values(loaded.params));
    expect(tf.memory().numTensors).toBe(before);
  });

  test("gives training its state back: updates done, and every moment", async () => {
    const { path, model, state } = await saveModel(folder, "state");
    const moved = tf.tidy(() =>
      Object.fromEntries(Object.entries(state.params).map(([name, x]) => [name, tf.add(x, 1)])),
    );
    const tensors = { ...(await readSafetensors(join(path, "state.safetensors"))).tensors };
    for (const [name, x] of Object.entries(moved))
      tensors[`second.${name}`] = { shape: x.shape, dtype: "F32", data: x.dataSync() as Float32Array };
    writeFileSync(join(path, "state.safetensors"), encodeSafetensors(tensors));
    await expect(loadState(path, model, ["first", "second"])).rejects.toThrow(/is not what was saved/);
    rmSync(join(path, "SHA256SUMS"));
    const loaded = await loadState(path, model, ["first", "second"]);
    expect(loaded.step).toBe(3);
    for (const [name, x] of Object.entries(moved)) {
      expect(loaded.slots.second?.[name]?.dataSync()).toEqual(x.dataSync());
      expect(loaded.slots.first?.[name]?.dataSync().every((value) => value === 0)).toBe(true);
    }
  });

  test("of learned positions says in GPT-2's words what it is", async () => {
    const { path } = await saveModel(folder, "gpt2", { layers: 2, dropout: 0.25 });
    expect(jsonOf(path, "config.json")).toMatchObject({
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      vocab_size: 44,
      n_positions: 12,
      n_ctx: 12,
      n_embd: 8,
      n_layer: 2,
      n_head: 2,
      n_inner: 32,
      activation_function: "gelu_new",
      layer_norm_epsilon: 1e-5,
      resid_pdrop: 0.25,
      embd_pdrop: 0.25,
      attn_pdrop: 0.25,
      tie_word_embeddings: true,
      bos_token_id: 0,
      eos_token_id: null,
    });
    const { tensors, metadata } = await readSafetensors(join(path, "model.safetensors"));
    expect(metadata).toMatchObject({ format: "pt" });
    expect(tensors["wpe.weight"]?.shape).toEqual([12, 8]);
    expect(tensors["h.1.attn.c_attn.weight"]?.shape).toEqual([8, 24]); // (in,out), as GPT-2 has it
  });

  test.each([
    ["relative", { position: { kind: "relative" } }],
    ["postnorm", { norm: "post" }],
    ["nobias", { bias: false }],
    ["scaled", { tokenScale: 4 }],
  ])("of what no GPT-2 can be does not call itself one: %s", async (name, model) => {
    const { path } = await saveModel(folder, name, model);
    expect(jsonOf(path, "config.json").model_type).toBe("whereabouts");
  });

  test("takes another policy for positions past its table, and no change that makes another model", async () => {
    const { path } = await saveModel(folder, "policy");
    const { model, params } = await loadCheckpoint(path, ["model.position.beyond=wrap"]);
    const ids = Array.from({ length: 24 }, () => 1);
    const rows = await logitsOf(model, params, ids);
    expect(rows).toHaveLength(24);
    await expect(loadCheckpoint(path, ["model.layers=2"])).rejects.toThrow(
      /--set: "model\.layers=2" would make another model/,
    );
    await expect(loadCheckpoint(path, ["model.position.beyond=guess"])).rejects.toThrow(
      /^--set model\.position\.beyond=guess: model\.position\.beyond: /,
    );
    await expect(loadCheckpoint(path, ["model.position.kind=none"])).rejects.toThrow(
      "model.position.beyond is not a field",
    );
  });
});
