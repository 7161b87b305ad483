import { beforeAll, expect, test } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";

beforeAll(() => startEngine("cpu"));

test("where a call runs eagerly, outputs are tensors of the caller's own too", () => {
  const f = compile(
    ({ x }: { x: tf.Tensor }) => {
      const y = tf.square(x);
      return { same: x, first: y, deep: { second: y } };
    },
    { name: "f" },
  );
  const x = tf.scalar(3);
  const before = tf.memory().numTensors;
  const { same, first, deep } = f({ x });
  tf.dispose([same, first]);
  expect(Array.from(x.dataSync())).toEqual([3]);
  expect(Array.from(deep.second.dataSync())).toEqual([9]);
  deep.second.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test("products in bfloat16 are refused, not computed in float32 without a word", () => {
  const f = compile(({ x }: { x: tf.Tensor }) => ({ y: tf.matMul(x, x) }), {
    name: "f",
    precision: "bfloat16",
  });
  expect(() => f({ x: tf.ones([2, 2]) })).toThrow(
    /products in bfloat16 need the native engine, and cpu runs/,
  );
});
