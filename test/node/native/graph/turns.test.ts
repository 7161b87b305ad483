/**
 * Parts of a function that run in turn: the same values, each part after the one before, and
 * nothing of a part kept but its result.
 */
import { expect, test } from "vitest";
import { compile, inTurn } from "../../../../src/engine/compile.ts";
import { Turns } from "../../../../src/node/native/graph/turns.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { disposeTree } from "../../../../src/tensor/tree.ts";
import { describeNative, numbers } from "./native.ts";

test("only the nodes with which a part starts wait, for the last node before it", () => {
  const turns = new Turns();
  expect(turns.waits("a", ["input_0:0"])).toEqual([]);
  turns.afterNode("a", () => {
    expect(turns.waits("b", ["input_0:0"])).toEqual(["^a"]);
    expect(turns.waits("c", ["b:0", "input_0:0"])).toEqual([]);
    expect(turns.waits("d", [])).toEqual(["^a"]);
  });
  expect(turns.waits("e", ["input_0:0"])).toEqual([]);
});

describeNative("parts in turn", () => {
  test.each([true, false])("give the values and the gradient of parts at once (xla %s)", (xla) => {
    const part = (x: tf.Tensor, i: number) => tf.square(tf.matMul(x, tf.mul(x, i + 1), true, false));
    const value = (x: tf.Tensor, turn: boolean) => {
      const parts = [0, 1, 2].map((i) => () => part(x, i));
      return tf.sum(tf.stack(turn ? inTurn(parts) : parts.map((fn) => fn())));
    };
    const f = compile(
      ({ x }: { x: tf.Tensor }) => ({
        turn: value(x, true),
        once: value(x, false),
        slope: tf.grad((v: tf.Tensor) => value(v, true))(x),
        slopeOnce: tf.grad((v: tf.Tensor) => value(v, false))(x),
      }),
      { name: "parts", xla },
    );
    const x = numbers([5, 4]);
    const got = f({ x });
    expect(got.turn.dataSync()[0]).toBeCloseTo(got.once.dataSync()[0] as number, 4);
    const [a, b] = [got.slope.dataSync(), got.slopeOnce.dataSync()];
    a.forEach((slope, i) => void expect(slope).toBeCloseTo(b[i] as number, 4));
    expect(Math.max(...a)).toBeGreaterThan(0.1);
    disposeTree({ ...got, x });
    f.close();
  });

  test("leave no tensor but their results while they run", () => {
    const before = tf.memory().numTensors;
    const results = inTurn(
      [1, 2].map((n) => () => {
        expect(tf.memory().numTensors).toBe(before + n - 1);
        return tf.square(tf.add(tf.scalar(n), 1));
      }),
    );
    expect(results.map((y) => y.dataSync()[0])).toEqual([4, 9]);
    tf.dispose(results);
  });
});
