/**
 * Numbers of other types than F32 in a Hugging Face folder: widened, or refused with the reason; and
 * older names of tensors.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/errors.ts";
import type { StoredTensor } from "../../../src/formats/safetensors.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { logitsOf } from "../../../src/probes/logits.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { configured, copyOf, GOLDENS, type Tensors, withTensors } from "./huggingface-copies.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dtypes-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The logits of three tokens. */
async function read(copy: string) {
  const { model, params } = await loadCheckpoint(copy);
  const logits = await logitsOf(model, params, [3, 1, 4]);
  tf.dispose(Object.values(params));
  return { logits };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const tensors = tf.memory().numTensors;
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(tf.memory().numTensors).toBe(tensors);
  return (error as Error).message;
}

test.each(["bert", "roberta", "distilbert"])(
  "%s: gains and biases of norms are read as gamma and beta too, their names until 2020",
  async (name) => {
    const older = await withTensors(folder, name, (tensors) => {
      for (const key of Object.keys(tensors).filter((one) => /LayerNorm\.(weight|bias)$/.test(one))) {
        tensors[key.replace(/weight$/, "gamma").replace(/bias$/, "beta")] = tensors[key] as StoredTensor;
        delete tensors[key];
      }
    });
    expect(await read(older)).toEqual(await read(join(GOLDENS, name)));
  },
);

describe("types of numbers", () => {
  const as = (dtype: "BF16" | "F16", round: (value: number) => number) => (tensors: Tensors) => {
    for (const [name, tensor] of Object.entries(tensors)) {
      tensors[name] = { ...tensor, dtype, data: (tensor.data as Float32Array).map(round) };
    }
  };
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  /** What both halves hold: seven bits behind the point, of numbers that are neither huge nor tiny. */
  const short = (value: number) => {
    float[0] = Math.abs(value) < 2 ** -10 ? 0 : value;
    bits[0] = (bits[0] as number) & 0xffff0000;
    return float[0];
  };

  test("F16 and BF16 are widened: the logits are those of the same numbers in F32", async () => {
    const f32 = await withTensors(folder, "gpt2", (tensors) => {
      for (const [name, tensor] of Object.entries(tensors)) {
        tensors[name] = { ...tensor, data: (tensor.data as Float32Array).map(short) };
      }
    });
    const { logits } = await read(f32);
    expect((await read(await withTensors(folder, "gpt2", as("F16", short)))).logits).toEqual(logits);
    expect((await read(await withTensors(folder, "gpt2", as("BF16", short)))).logits).toEqual(logits);
  });

  test.each(["F8_E4M3", "F8_E5M2", "F8_E8M0", "F4", "I4"])("%s is refused with the reason", async (dtype) => {
    const copy = copyOf(folder, "gpt2");
    const path = join(copy, "model.safetensors");
    const file = readFileSync(path);
    const length = Number(file.readBigUInt64LE());
    const header = file
      .toString("utf8", 8, 8 + length)
      .trimEnd()
      .replace('"F32"', `"${dtype}"`);
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path, Buffer.concat([prefix, Buffer.from(header), file.subarray(8 + length)]));
    expect(await refusal(loadCheckpoint(copy))).toMatch(
      new RegExp(
        `dtype "${dtype}" is not one of .*mean nothing without the scales .*; convert the tensor to F32`,
      ),
    );
  });

  test("quantized weights are refused with the reason", async () => {
    const copy = configured(folder, "gpt2", { quantization_config: { quant_method: "gptq", bits: 4 } });
    expect(await refusal(loadCheckpoint(copy))).toMatch(
      /the weights are quantized, which is not read; load them/,
    );
  });
});
