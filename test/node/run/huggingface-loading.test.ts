/** How a Hugging Face folder is read: its hash, its keys, its types, and what is said of them. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/errors.ts";
import type { StoredTensor } from "../../../src/formats/safetensors.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { exportCheckpoint, importCheckpoint } from "../../../src/node/run/exchange.ts";
import { logitsOf } from "../../../src/probes/logits.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { configured, GOLDENS, withTensors } from "./huggingface-copies.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loading-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The logits of three tokens, and what was said. */
async function read(copy: string) {
  const { model, params, origin, notes } = await loadCheckpoint(copy);
  const logits = await logitsOf(model, params, [3, 1, 4]);
  tf.dispose(Object.values(params));
  return { logits, origin, notes: notes.map((note) => note.replaceAll(copy, "COPY")) };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const tensors = tf.memory().numTensors;
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(tf.memory().numTensors).toBe(tensors);
  return (error as Error).message;
}

const sumOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

describe("where a model comes from", () => {
  test("the hash of each file, and how columns turn, are said and kept by an import", async () => {
    const golden = join(GOLDENS, "gpt-neox");
    const { origin } = await read(golden);
    expect(origin).toMatchObject({
      ...{ architecture: "gpt_neox", title: "GPT-NeoX" },
      sha256: { "model.safetensors": sumOf(join(golden, "model.safetensors")) },
      rotation:
        "2 of 4 columns of a head turn, half-split (k with k + 1); rows of queries and keys as they are stored",
    });
    const { notes } = await importCheckpoint(golden, join(folder, "neox"));
    expect(notes[0]).toBe(`GPT-NeoX: model.safetensors sha256 ${sumOf(join(golden, "model.safetensors"))}`);
    expect(notes[1]).toMatch(/^rotation: 2 of 4 columns/);
    expect((await read(join(folder, "neox"))).origin).toEqual({ ...origin, firstRow: undefined });
  });

  test("of several files, each one's; of what does not turn, nothing; and what was not used", async () => {
    const golden = join(GOLDENS, "gpt2-sharded");
    const { origin } = await read(golden);
    const files = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    expect(origin?.sha256).toEqual(
      Object.fromEntries(files.map((file) => [file, sumOf(join(golden, file))])),
    );
    expect(origin?.rotation).toBeUndefined();
    expect((await read(join(GOLDENS, "bert-without-head"))).origin?.notes).toContain(
      "pooler.dense.bias is not used: it reads the first token for another task",
    );
  });
});

test.each([
  ["llama", { bos_token_id: 1, eos_token_id: [2, 5], pad_token_id: null }],
  ["gpt2", { eos_token_id: 4 }],
  ["bert", { pad_token_id: 3, bos_token_id: undefined, eos_token_id: undefined }],
])("%s: an export says the ids of tokens that config.json said, %j", async (name, ids) => {
  const [step, out] = [join(folder, `${name}-ids`), join(folder, `${name}-ids-out`)];
  await importCheckpoint(configured(folder, name, ids), step);
  await exportCheckpoint(step, out);
  const config = (path: string) => JSON.parse(readFileSync(join(path, "config.json"), "utf8")) as object;
  expect(config(out)).toMatchObject(JSON.parse(JSON.stringify(ids)));
  if (name === "gpt2") expect(config(step)).toMatchObject(ids);
});

describe("keys that begin otherwise", () => {
  const renamed = (name: string, change: (key: string) => string) =>
    withTensors(folder, name, (tensors) => {
      const entries = Object.entries(tensors);
      for (const [key, tensor] of entries) {
        delete tensors[key];
        tensors[change(key)] = tensor;
      }
    });
  const begins = (key: string, from: string, to: string) =>
    key.startsWith(from) ? to + key.slice(from.length) : key;

  test.each<[string, string, (key: string) => string, string | undefined]>([
    ["gpt2", "none", (key) => begins(key, "transformer.", ""), undefined],
    ["gpt2", "model.", (key) => begins(key, "transformer.", "model."), '"model."'],
    ["gpt2-untied-erf", "module. around all", (key) => `module.${key}`, '"module.transformer."'],
    [
      "gpt2-untied-erf",
      "model. but for the head",
      (key) => begins(key, "transformer.", "model."),
      '"model."',
    ],
    ["roberta", "model.roberta.", (key) => `model.${key}`, '"model.roberta."'],
    ["roberta", "none", (key) => begins(key, "roberta.", ""), undefined],
    ["distilbert", "encoder.", (key) => begins(key, "distilbert.", "encoder."), '"encoder."'],
    [
      "mpt",
      "base_model.transformer.",
      (key) => begins(key, "transformer.", "base_model.transformer."),
      '"base_model.transformer."',
    ],
  ])("%s: %s", async (name, _title, change, beginning) => {
    const { logits, notes } = await read(await renamed(name, change));
    expect(logits).toEqual((await read(join(GOLDENS, name))).logits);
    const said = notes.filter((note) => note.includes("keys begin with"));
    expect(said).toEqual(
      beginning === undefined ? [] : [expect.stringContaining(`COPY: keys begin with ${beginning} where `)],
    );
  });

  test("are refused where two models lie in one file", async () => {
    const copy = await withTensors(folder, "gpt2", (tensors) => {
      for (const [key, tensor] of Object.entries(tensors)) {
        delete tensors[key];
        tensors[`student.${key}`] = tensor;
        tensors[`teacher.${key}`] = tensor;
      }
    });
    expect(await refusal(loadCheckpoint(copy))).toMatch(
      /missing: transformer\.wte\.weight; .*unexpected: student\.transformer\./,
    );
  });
});

test("a file that is damaged half-way leaves no parameter behind", async () => {
  const copy = await withTensors(folder, "gpt2", (tensors) => {
    const mask: StoredTensor = { shape: [1, 1, 1, 1], dtype: "U8", data: Int32Array.of(1) };
    tensors["transformer.h.1.attn.bias"] = mask;
  });
  const path = join(copy, "model.safetensors");
  const file = readFileSync(path, "latin1").replace('"dtype":"U8"', '"dtype":"BOOL"').replace("  ", "");
  const bytes = Buffer.from(file, "latin1");
  bytes.writeUInt8(7, bytes.length - 1); // the mask is last, and true is 1
  writeFileSync(path, bytes);
  expect(await refusal(loadCheckpoint(copy))).toMatch(/the BOOL value 7 is neither 0 nor 1/);
});

test("tables of more rows than words, and words past the last row, are read: ids that have none are named", async () => {
  const copy = await withTensors(folder, "gpt2", () => {});
  const vocab = Object.fromEntries(Array.from({ length: 15 }, (_, id) => [`w${id}`, id]));
  const json = (added: number) => ({
    version: "1.0",
    added_tokens: Array.from({ length: added }, (_, i) => ({
      ...{ id: 15 + i, content: `<extra_${i}>`, special: true },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    })),
    pre_tokenizer: { type: "Whitespace" },
    model: { type: "WordLevel", vocab, unk_token: "w0" },
  });
  const path = join(copy, "tokenizer.json");
  writeFileSync(path, JSON.stringify(json(0)));
  const padded = await loadCheckpoint(copy);
  tf.dispose(Object.values(padded.params));
  expect(padded.tokenizer.token(16)).toBe("<16>");
  writeFileSync(path, JSON.stringify(json(4))); // ids 15 … 18 of 17 rows
  const past = await loadCheckpoint(copy);
  tf.dispose(Object.values(past.params));
  expect(past.tokenizer.encode("w1 <extra_1>")).toEqual([1, 16]);
  expect(() => past.tokenizer.encode("w1 <extra_3>")).toThrow(
    /id 18, for which the model has no row: it has 17/,
  );
});
