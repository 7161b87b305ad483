/** Positional kernels, against the reference's patterns and against what encodings say of them. */
import { beforeAll, describe, expect, test } from "vitest";
import { slopes } from "../../src/encodings/alibi.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { kernelOf, spanOf } from "../../src/probes/kernel.ts";
import { runProbe } from "../../src/probes/run.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import { meanOf, scalarAttention, someWords, subjectReading, valueAt } from "./scalar-attention.ts";

const SIZES = { contexts: 2, length: 8, words: 2 };
const contexts = someWords(2, 8);

beforeAll(async () => {
  await startEngine("cpu"); // tiny models, and nothing to compile
});

const ask = (position: { kind: string }, fields: object, config: object = SIZES) => {
  const model = smallModel(position, { layers: 2, ...fields });
  const params = livelyParams(model);
  return runProbe("kernel", subjectReading(model, params, contexts), 1, config).then((rows) => ({
    ...{ model, params, rows },
  }));
};

test("all queries of a span see all its offsets, and none sees the first token at one", () => {
  for (const causal of [true, false])
    for (let T = 2; T < 40; T++) {
      const { queries, offsets } = spanOf(T, { causal });
      expect(queries[0]).toBeLessThan(queries[1]);
      expect(queries[0] - offsets[1]).toBeGreaterThanOrEqual(1);
      expect(queries[1] - 1 - offsets[0]).toBeLessThan(T);
      expect(queries[1]).toBeLessThanOrEqual(T);
    }
});

test("a kernel is attention by offset, of sum 1, and even where all of it lies elsewhere", () => {
  const A = [1, 0, 0, 0.5, 0.5, 0, 0.2, 0.2, 0.6]; // (3,3)
  const [own, before] = kernelOf(A, 3, { queries: [2, 3], offsets: [0, 1] });
  expect(own).toBeCloseTo(0.75, 12);
  expect(before).toBeCloseTo(0.25, 12);
  const sink = [1, 0, 0, 1, 0, 0, 1, 0, 0];
  expect([...kernelOf(sink, 3, { queries: [2, 3], offsets: [0, 1] })]).toEqual([0.5, 0.5]);
});

test("on text it is the mean of the reference's, with its shares", async () => {
  const { model, params, rows } = await ask({ kind: "none" }, {});
  const kernels = contexts.map((tokens) => {
    const A = scalarAttention(model, params, tokens).pattern[1]?.[1] as number[][];
    const sums = [0, 1, 2, 3, 4, 5].map(
      (offset) => (A[6]?.[6 - offset] as number) + (A[7]?.[7 - offset] as number),
    );
    return sums.map((sum) => sum / sums.reduce((a, b) => a + b));
  });
  const kernel = [0, 1, 2, 3, 4, 5].map((offset) => meanOf(kernels.map((one) => one[offset] as number)));
  const at = { fed: "text", layer: 1, head: 1 };
  kernel.forEach((share, distance) => {
    expect(valueAt(rows, "positional_kernel", { ...at, distance })).toBeCloseTo(share, 5);
  });
  const near = kernel.slice(0, 4).reduce((a, b) => a + b);
  expect(valueAt(rows, "kernel_near", at)).toBeCloseTo(near, 5);
  const fromEven = kernel.reduce((sum, share) => sum + Math.abs(share - 1 / 6), 0) / 2;
  expect(valueAt(rows, "kernel_from_even", at)).toBeCloseTo(fromEven, 5);
});

describe.each(["causal", "bidirectional"])("%s, fed one word", (attention) => {
  test("a model without positions is even in every block, whatever its weights", async () => {
    const { rows } = await ask({ kind: "none" }, { attention });
    const fed = rows.filter(({ metric, at }) => metric === "kernel_from_even" && at.fed === "one word");
    expect(fed).toHaveLength(4);
    for (const { value, at } of fed) {
      expect(value).toBeLessThan(1e-6);
      expect(at.class).toBe("uniform");
    }
    const text = rows.filter(({ metric, at }) => metric === "kernel_from_even" && at.fed === "text");
    expect(Math.max(...text.map(({ value }) => value as number))).toBeGreaterThan(0.01);
  });

  test("ALiBi's is the softmax of its bias, in every block", async () => {
    const { rows } = await ask({ kind: "alibi" }, { attention });
    const { offsets } = spanOf(8, { causal: attention === "causal" });
    const every = Array.from({ length: offsets[1] - offsets[0] + 1 }, (_, k) => offsets[0] + k);
    for (const [head, m] of slopes(2).entries()) {
      const powers = every.map((offset) => Math.exp(-m * Math.abs(offset)));
      const total = powers.reduce((a, b) => a + b);
      for (const layer of [0, 1])
        every.forEach((distance, k) => {
          const at = { fed: "one word", layer, head, distance };
          expect(valueAt(rows, "positional_kernel", at)).toBeCloseTo((powers[k] as number) / total, 6);
        });
    }
  });
});

test("thresholds decide the class", async () => {
  const classOf = async (config: object) => {
    const { rows } = await ask({ kind: "alibi" }, { layers: 1, width: 8 }, { ...SIZES, ...config });
    return rows.find(({ metric, at }) => metric === "kernel_near" && at.fed === "one word" && at.head === 1)
      ?.at.class;
  };
  expect(await classOf({ near: 1, local: 0.5, flat: 0 })).toBe("slow");
  expect(await classOf({ near: 4, local: 0.5, flat: 0 })).toBe("local");
  expect(await classOf({ near: 4, local: 0.5, flat: 0.9 })).toBe("uniform");
});
