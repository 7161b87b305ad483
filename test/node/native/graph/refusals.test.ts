/** What a graph would freeze is refused, by the function's name. */
import { expect, test } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { backend, describeNative } from "./native.ts";

interface One extends Record<string, tf.Tensor> {
  readonly x: tf.Tensor;
}

const valuesOf = (x: tf.Tensor) => Array.from(x.dataSync());

describeNative("what a graph would freeze is refused, by the function's name", () => {
  test.each(["uploaded", "not yet uploaded"])("a captured tensor, %s", (state) => {
    const outside = tf.tensor1d([1, 2]);
    if (state === "uploaded") tf.square(outside).dataSync();
    const record = backend().tensorMap.get(outside.dataId);
    expect(record?.values === null).toBe(state === "uploaded");
    const f = compile(({ x }: One) => ({ y: tf.add(x, outside) }), { name: "adder" });
    expect(() => f({ x: tf.tensor1d([1, 2]) })).toThrow(
      /^compile\(adder\): the function captures a float32 tensor of shape \[2\] from outside; pass it as an input/,
    );
  });

  test("a captured tensor that is returned as it is", () => {
    const outside = tf.tensor1d([1, 2]);
    const f = compile((_: One) => ({ y: outside }), { name: "keeper" });
    expect(() => f({ x: tf.scalar(1) })).toThrow(/^compile\(keeper\): the function captures/);
  });

  test("a tensor of a trace, kept for after it", () => {
    const kept: tf.Tensor[] = [];
    const keeping = ({ x }: One) => {
      const square = tf.keep(tf.square(x));
      kept.push(square);
      return { y: tf.neg(square) };
    };
    const f = compile(keeping, { name: "leak" });
    expect(valuesOf(f({ x: tf.tensor1d([1, 2]) }).y)).toEqual([-1, -4]);
    const [x] = kept as [tf.Tensor];
    const g = compile(({ y }: { y: tf.Tensor }) => ({ z: tf.add(x, y) }), { name: "adder" });
    expect(() => g({ y: tf.scalar(1) })).toThrow(/^compile\(adder\): the function captures/);
    expect(() => valuesOf(x)).toThrow("not referenced");
    expect(() => f({ x })).toThrow(/^compile\(leak\): .*not found/);
    x.dispose();
    f.close();
  });

  test("the value of a tensor, read inside", () => {
    const f = compile(({ x }: One) => ({ y: tf.scalar(tf.sum(x).dataSync()[0] as number) }), {
      name: "reader",
    });
    expect(() => f({ x: tf.tensor1d([1, 2]) })).toThrow(
      /^compile\(reader\): the function reads the value of a tensor/,
    );
  });
});

describeNative("values read inside a function", () => {
  const outside = () => tf.tensor1d([3, 4]);

  test("those of a captured tensor are refused, uploaded or not, and through any way of reading", () => {
    for (const uploaded of [true, false]) {
      const captured = outside();
      if (uploaded) tf.square(captured).dispose();
      for (const use of [
        () => tf.scalar(captured.dataSync()[0] as number),
        () => tf.tensor(captured.arraySync() as number[]),
        () => tf.scalar((captured.bufferSync() as tf.TensorBuffer<tf.Rank.R1>).get(0)),
      ]) {
        const f = compile(({ x }: One) => ({ y: tf.add(x, use()) }), { name: "peeker" });
        expect(() => f({ x: tf.scalar(1) })).toThrow(
          "compile(peeker): the function reads the value of a tensor",
        );
      }
    }
    const [x] = [outside()];
    expect(Array.from(x.dataSync())).toEqual([3, 4]); // reading works again
  });

  test("those of a constant that the function wrote itself are allowed", () => {
    const f = compile(({ x }: One) => ({ y: tf.mul(x, outside().dataSync()[1] as number) }), {
      name: "own",
    });
    expect(Array.from(f({ x: tf.scalar(2) }).y.dataSync())).toEqual([8]);
    f.close();
  });
});
