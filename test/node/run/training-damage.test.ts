/**
 * A step directory that does not fit together is refused before a model is made of it, also where
 * it names no hashes of its files.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whoConfig } from "../../../src/data/corpora/who.ts";
import { openWho } from "../../../src/data/index.ts";
import { InputError } from "../../../src/errors.ts";
import { encodeSafetensors, type StoredTensor } from "../../../src/formats/safetensors.ts";
import { SUMS_FILE } from "../../../src/node/files/sums.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { readSafetensors } from "../../../src/node/run/safetensors-file.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { saveModel } from "./training-saved.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "damage-"));
  await startEngine("cpu");
  ({ path } = await saveModel(folder, "damaged"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a damaged step directory is refused, in words", () => {
  /** A copy with one file written anew. */
  function damaged(file: string, content: string | Uint8Array): string {
    const copy = mkdtempSync(join(folder, "copy-"));
    cpSync(path, copy, { recursive: true });
    rmSync(join(copy, SUMS_FILE)); // what its hashes tell is tested in whole-steps.test.ts
    writeFileSync(join(copy, file), content);
    return copy;
  }

  async function refusal(copy: string): Promise<string> {
    const tensors = tf.memory().numTensors;
    const error = await loadCheckpoint(copy).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect(tf.memory().numTensors).toBe(tensors);
    return (error as Error).message.replace(copy, "COPY");
  }

  test("missing, unexpected and misshapen tensors are all listed by name", async () => {
    const { tensors } = await readSafetensors(join(path, "model.safetensors"));
    const { "wpe.weight": table, "ln_f.bias": _, "h.0.ln_1.weight": __, ...others } = tensors;
    const changed: Record<string, StoredTensor> = {
      ...others,
      "wpe.weight": { ...(table as StoredTensor), shape: [8, 12] },
      "h.1.ln_1.weight": { shape: [1], dtype: "F32", data: new Float32Array(1) },
    };
    expect(await refusal(damaged("model.safetensors", encodeSafetensors(changed)))).toBe(
      "COPY/model.safetensors: does not fit config.json; missing: h.0.ln_1.weight, ln_f.bias; unexpected: h.1.ln_1.weight; " +
        "shapes: wpe.weight is (8,12), expected (12,8)",
    );
  });

  test.each<[string, string, string, RegExp]>([
    ["a config that is not JSON", "config.json", "{", /^COPY\/config\.json: is not JSON/],
    ["a config that is null", "config.json", "null", /^COPY\/config\.json: the value: /],
    [
      "another program's config",
      "config.json",
      '{"model_type":"resnet"}',
      /^COPY\/config\.json: model_type "resnet" is not read; known: gpt2, bert, gpt_neox, bloom/,
    ],
    [
      "no preset in the config",
      "config.json",
      '{"whereabouts":{"vocabSize":44}}',
      /^COPY\/config\.json: whereabouts: preset: /,
    ],
    ["no vocabulary size", "config.json", '{"whereabouts":null}', /^COPY\/config\.json: whereabouts: /],
    [
      "a tokenizer of another kind",
      "tokenizer.json",
      '{"model":{"type":"Unigram"}}',
      /"Unigram" is not read/,
    ],
    ["weights that are no safetensors", "model.safetensors", "not tensors", /^COPY\/model\.safetensors: /],
    ["empty weights", "model.safetensors", "", /^COPY\/model\.safetensors: /],
  ])("%s", async (_, file, content, message) => {
    expect(await refusal(damaged(file, content))).toMatch(message);
  });

  test("a tokenizer of another size, by both sizes", async () => {
    const { tokenizer } = openWho(whoConfig.parse({ kind: "who", nouns: 4 }), 1);
    const copy = damaged("tokenizer.json", JSON.stringify(tokenizer.toJSON()));
    expect(await refusal(copy)).toMatch(
      /^COPY: tokenizer\.json has 32 tokens, the model 44; they belong to different models$/,
    );
  });

  test("a folder without weights", async () => {
    const copy = damaged("config.json", readFileSync(join(path, "config.json")));
    rmSync(join(copy, "model.safetensors"));
    expect(await refusal(copy)).toMatch(/^COPY: model\.safetensors is missing/);
  });
});
