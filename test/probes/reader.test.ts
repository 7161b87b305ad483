/** What probes read at the last token of a context is what the model says there. */
import { beforeAll, describe, expect, test } from "vitest";
import { InputError, PositionError } from "../../src/errors.ts";
import { logitsOf } from "../../src/probes/logits.ts";
import { createReader } from "../../src/probes/reader.ts";
import { param } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, livelyParams, smallModel, V } from "../model/small.ts";

/** float32 logits of size 5 from a batch of 128 and from a batch of one. */
const ROUNDING = 1e-4;
const MASK = V - 1;

beforeAll(async () => {
  await startTestEngine();
});

/** More contexts than one group holds, of lengths that alternate. */
function contextsOf(count: number): number[][] {
  const rng = createRng(1, "test/contexts");
  return Array.from({ length: count }, (_, i) => Array.from({ length: 3 + (i % 3) }, () => rng.integer(V)));
}

function logSoftmax(logits: readonly number[]): number[] {
  const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
  return logits.map((z) => z - Math.log(total));
}

describe.each(["causal", "bidirectional"])("under %s attention", (attention) => {
  const model = smallModel({ kind: "learned" }, { attention });
  const suffix = attention === "causal" ? [] : [MASK];

  test("log p is log softmax of logitsOf at the last token, in the order of the contexts, and nothing is left behind", async () => {
    const params = livelyParams(model);
    const before = tf.memory().numTensors;
    const reader = createReader({ model, params, tokenizer: { mask: MASK } });
    const contexts = contextsOf(400);
    const readings = await reader.read(contexts);
    reader.close();
    expect(tf.memory().numTensors).toBe(before);
    expect(readings).toHaveLength(contexts.length);
    for (const i of [0, 1, 2, 3, 130, 131, 132, 385, 399]) {
      const logits = await logitsOf(model, params, [...(contexts[i] as number[]), ...suffix]);
      expect(furthest(readings[i]?.logProbs, logSoftmax(logits.at(-1) as number[]))).toBeLessThan(ROUNDING);
    }
    disposeTree(params);
  });

  test("hidden states are one a layer and one before them, the first the sum of token and position", async () => {
    const params = livelyParams(model);
    const reader = createReader({ model, params, tokenizer: { mask: MASK } });
    const [reading] = await reader.read([[4, 2, 7]]);
    const hidden = reading?.hidden ?? [];
    reader.close();
    const rowOf = (name: string, row: number) =>
      (param(params, name).arraySync() as number[][])[row] as number[];
    const [token, position] = attention === "causal" ? [7, 2] : [MASK, 3];
    const place = rowOf("wpe.weight", position);
    const sum = rowOf("wte.weight", token).map((value, c) => value + (place[c] as number));
    expect(hidden.map((state) => state.length)).toEqual([16, 16, 16]);
    expect(furthest(hidden[0], sum)).toBeLessThan(ROUNDING);
    expect(furthest(hidden[1], hidden[2])).toBeGreaterThan(ROUNDING);
    disposeTree(params);
  });

  test("a context longer than the table, and a token outside the vocabulary, are refused", async () => {
    const params = livelyParams(model);
    const reader = createReader({ model, params, tokenizer: { mask: MASK } });
    await expect(reader.read([Array(9).fill(1)])).rejects.toThrow(PositionError);
    await expect(reader.read([[1, V]])).rejects.toThrow(InputError);
    await expect(logitsOf(model, params, [-1])).rejects.toThrow(InputError);
    reader.close();
    disposeTree(params);
  });
});

test("a bidirectional model needs a tokenizer with <mask>", () => {
  const model = smallModel({ kind: "none" }, { attention: "bidirectional" });
  expect(() => createReader({ model, params: {}, tokenizer: {} })).toThrow(/answers at <mask>/);
});
