import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { EngineError } from "../../../../src/engine/index.ts";
import { philoxUniform, statelessUniform } from "../../../../src/engine/stateless-random.ts";
import { startEngine } from "../../../../src/node/native/engines.ts";
import { type NativeBackend, nativeBackend } from "../../../../src/node/native/graph/backend.ts";
import { tf } from "../../../../src/tensor/tf.ts";

const reason = await startEngine("native", { threads: 1 }).then(
  () => undefined,
  (error: unknown) => {
    if (error instanceof EngineError) return error.message;
    throw error;
  },
);

beforeEach(({ skip }) => skip(reason !== undefined, reason));

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

type Fn = Parameters<typeof compile<Record<string, tf.Tensor>, Record<string, tf.Tensor>>>[0];

/** Compiled, and freed when the file is done. */
function compiled(fn: Fn, options: { name?: string; xla?: boolean } = {}) {
  const result = compile(fn, { name: "f", ...options });
  closers.push(() => result.close());
  return result;
}

const one = (x: tf.Tensor | undefined): tf.Tensor => x as tf.Tensor;
const valuesOf = (x: tf.Tensor | undefined) => Array.from(one(x).dataSync());

test("after an error inside, the backend is as it was and no tensor is left", () => {
  const backend = nativeBackend() as NativeBackend;
  const { binding, getInputTensorIds, write } = backend;
  const x = tf.tensor1d([3, 4]);
  const before = tf.memory().numTensors;
  const f = compiled(({ x }) => {
    tf.square(one(x));
    throw new Error("inside");
  });
  expect(() => f({ x })).toThrow("inside");
  expect(backend.binding).toBe(binding);
  expect(backend.getInputTensorIds).toBe(getInputTensorIds);
  expect(backend.write).toBe(write);
  expect(tf.memory().numTensors).toBe(before);
  expect(valuesOf(tf.square(x))).toEqual([9, 16]);
  const g = compiled(({ x }) => ({ y: tf.square(one(x)) }));
  expect(valuesOf(g({ x }).y)).toEqual([9, 16]);
});

describe("inputs and outputs", () => {
  test("one tensor given for two inputs stays two inputs", () => {
    const f = compiled(({ a, b }) => ({ y: tf.sub(tf.mul(one(a), 10), one(b)) }));
    const x = tf.tensor1d([1, 2]);
    expect(valuesOf(f({ a: x, b: x }).y)).toEqual([9, 18]);
    expect(valuesOf(f({ a: x, b: tf.tensor1d([5, 6]) }).y)).toEqual([5, 14]);
  });

  test("an output that is an input is a tensor of its own", () => {
    const f = compiled(({ x }) => ({ same: one(x), twice: tf.mul(one(x), 2) }));
    const x = tf.tensor1d([1, 2]);
    const { same, twice } = f({ x });
    expect([valuesOf(same), valuesOf(twice)]).toEqual([
      [1, 2],
      [2, 4],
    ]);
    one(same).dispose();
    expect(valuesOf(x)).toEqual([1, 2]);
  });

  test("one output under two names is two tensors", () => {
    const f = compiled(({ x }) => {
      const y = tf.square(one(x));
      return { first: y, second: y };
    });
    const { first, second } = f({ x: tf.scalar(3) });
    one(first).dispose();
    expect(valuesOf(second)).toEqual([9]);
  });

  test("an output may be a constant", () => {
    const f = compiled(() => ({ made: tf.scalar(7), computed: tf.add(tf.scalar(1), 1) }));
    const { made, computed } = f({ x: tf.scalar(1) });
    expect([valuesOf(made), valuesOf(computed)]).toEqual([[7], [2]]);
  });

  test("trees nest", () => {
    const f = compile(
      ({ deep, flat }: { deep: { pair: { a: tf.Tensor; b: tf.Tensor } }; flat: tf.Tensor }) => ({
        sums: { all: { total: tf.addN([deep.pair.a, deep.pair.b, flat]) } },
        b: deep.pair.b,
      }),
      { name: "nest" },
    );
    closers.push(() => f.close());
    const { sums, b } = f({ deep: { pair: { a: tf.scalar(1), b: tf.scalar(20) } }, flat: tf.scalar(300) });
    expect([valuesOf(sums.all.total), valuesOf(b)]).toEqual([[321], [20]]);
  });

  test("each set of shapes and types is traced once", () => {
    let traces = 0;
    const f = compiled(({ x }) => {
      traces += 1;
      return { y: tf.sum(one(x)) };
    });
    const sums = [
      [1, 2],
      [3, 4],
      [1, 2, 3],
      [5, 6],
    ].map((x) => valuesOf(f({ x: tf.tensor1d(x) }).y)[0]);
    expect(sums).toEqual([3, 7, 6, 11]);
    expect(traces).toBe(2);
    f({ x: tf.tensor1d([1, 2], "int32") });
    f({ x: tf.tensor2d([[1, 2]]) });
    expect(traces).toBe(4);
  });
});

test("a hundred calls leave no tensor behind", () => {
  const f = compiled(({ x }) => ({ y: tf.softmax(tf.matMul(one(x), one(x))), z: tf.scalar(1) }));
  const x = tf.eye(4);
  const call = () => tf.dispose(f({ x }));
  call();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 100; i += 1) call();
  expect(tf.memory().numTensors).toBe(before);
});

describe("random numbers by a key are the JavaScript ones, to the bit", () => {
  const keys: readonly (readonly [number, number])[] = [
    [0, 0],
    [1, 5],
    [-3, 7],
    [2 ** 31 - 1, -(2 ** 31)],
  ];
  const shape = [3, 7, 5]; // 105 numbers: the last block of four is cut
  const draw: Fn = ({ key }) => {
    const u = statelessUniform(one(key) as tf.Tensor1D, shape);
    return { u, kept: tf.greaterEqual(tf.mul(u, 2), 1) };
  };
  const variants: Record<string, () => Fn> = {
    eager: () => draw,
    compiled: () => compiled(draw, { xla: false }),
    "compiled with XLA": () => compiled(draw, { xla: true }),
  };

  test.each(Object.entries(variants))("%s", (_, variant) => {
    const f = variant();
    for (const key of keys) {
      const { u, kept } = f({ key: tf.tensor1d([...key], "int32") });
      const expected = Array.from(philoxUniform(...key, 105));
      expect(valuesOf(u)).toEqual(expected);
      expect(valuesOf(kept)).toEqual(expected.map((value) => Number(value >= 0.5)));
    }
  });
});
