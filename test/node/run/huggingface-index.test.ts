/** The index of a model in several files: what is refused of it, by what is wrong. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { copyOf } from "./huggingface-copies.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "index-"));
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

describe("an index of several files", () => {
  const INDEX = "model.safetensors.index.json";

  async function withIndex(change: (map: Record<string, unknown>) => void): Promise<string> {
    const copy = copyOf(folder, "gpt2-sharded");
    const index = JSON.parse(readFileSync(join(copy, INDEX), "utf8")) as {
      weight_map: Record<string, unknown>;
    };
    change(index.weight_map);
    writeFileSync(join(copy, INDEX), JSON.stringify(index));
    return refusal(loadCheckpoint(copy), copy);
  }

  const otherShard = (file: unknown) =>
    file === "model-00001-of-00002.safetensors"
      ? "model-00002-of-00002.safetensors"
      : "model-00001-of-00002.safetensors";

  test.each([
    "../secret.safetensors",
    "/etc/passwd",
    "a/b.safetensors",
    "model.bin",
    "..safetensors\0",
    7,
    null,
  ])("that names %j is refused: no file beside it", async (file) => {
    const message = await withIndex((map) => {
      map["transformer.wte.weight"] = file;
    });
    expect(message).toMatch(
      /"transformer\.wte\.weight" is in .*, which is no file beside it; fetch the model again/,
    );
  });

  test("that leaves out a tensor, names one that is not there, or a file that is not", async () => {
    expect(await withIndex((map) => delete map["transformer.wte.weight"])).toMatch(
      /does not list "transformer\.wte\.weight"/,
    );
    expect(
      await withIndex((map) => {
        map.more = "model-00001-of-00002.safetensors";
      }),
    ).toMatch(/"more" is not in model-00001-of-00002\.safetensors/);
    expect(
      await withIndex((map) => {
        map["transformer.wte.weight"] = otherShard(map["transformer.wte.weight"]);
      }),
    ).toMatch(
      /"transformer\.wte\.weight" is not in model-0000\d-of-00002\.safetensors but in model-0000\d-of/,
    );
    expect(
      await withIndex((map) => {
        map.more = "model-00003-of-00002.safetensors";
      }),
    ).toMatch(
      /model-00003-of-00002\.safetensors: is missing, though the index says that it holds "more"; fetch/,
    );
  });
});
