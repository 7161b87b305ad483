/** A turn repeated in one call: what it leaves to the next, what it reads a row of, what all give. */
import { beforeAll, describe, expect, test } from "vitest";
import { compileLoop } from "../../src/engine/loop.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { describeNative } from "../node/native/graph/native.ts";

type State = { sum: tf.Tensor1D; count: tf.Scalar };
type Inputs = { factor: tf.Scalar };
type Row = { x: tf.Tensor1D; n: tf.Scalar };
type Outputs = { before: tf.Tensor; row: tf.Tensor; even: tf.Tensor };

/** sum ← factor·sum + x + 1, and a count of turns. */
const open = () =>
  compileLoop<State, Inputs, Row, Outputs>(
    ({ state: { sum, count }, inputs: { factor }, each: { x, n } }) => ({
      state: {
        sum: tf.add(tf.add(tf.mul(sum, factor), x), tf.tensor1d([1, 1])),
        count: tf.add(count, tf.scalar(1, "int32")),
      },
      outputs: { before: sum, row: n, even: tf.equal(tf.mod(n, 2), 0) },
    }),
    { name: "summing" },
  );

function behaviour() {
  test("each turn goes on from the last, and reads a row of its own; any number of turns", () => {
    const loop = open();
    const before = tf.memory().numTensors;
    const asked = (x: number[][], n: number[]) => {
      const given = {
        state: { sum: tf.tensor1d([1, 2]), count: tf.scalar(0, "int32") },
        inputs: { factor: tf.scalar(10) },
        each: { x: tf.tensor2d(x), n: tf.tensor1d(n, "int32") },
      };
      const { state, outputs } = loop.run(given);
      const values = [state.sum, state.count, outputs.before, outputs.row, outputs.even];
      const found = values.map((value) => [value.dtype, value.shape, Array.from(value.dataSync())]);
      disposeTree({ given, state, outputs } as never);
      return found;
    };
    expect(
      asked(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [4, 5, 6],
      ),
    ).toEqual([
      ["float32", [2], [1000 + 200 + 40 + 6, 2000 + 300 + 50 + 7]],
      ["int32", [], [3]],
      ["float32", [3, 2], [1, 2, 12, 23, 124, 235]],
      ["int32", [3], [4, 5, 6]],
      ["bool", [3], [1, 0, 1]],
    ]);
    expect(asked([[7, 8]], [9])).toEqual([
      ["float32", [2], [18, 29]],
      ["int32", [], [1]],
      ["float32", [1, 2], [1, 2]],
      ["int32", [1], [9]],
      ["bool", [1], [0]],
    ]);
    expect(tf.memory().numTensors).toBe(before);
    loop.close();
  });

  test("state and inputs stay as they were", () => {
    const loop = open();
    const given = {
      state: { sum: tf.tensor1d([1, 2]), count: tf.scalar(0, "int32") },
      inputs: { factor: tf.scalar(2) },
      each: { x: tf.tensor2d([[1, 1]]), n: tf.tensor1d([1], "int32") },
    };
    for (let time = 0; time < 2; time++) {
      const { state, outputs } = loop.run(given);
      expect([...state.sum.dataSync()]).toEqual([4, 6]);
      disposeTree({ state, outputs });
    }
    expect([...given.state.sum.dataSync()]).toEqual([1, 2]);
    disposeTree(given);
    loop.close();
  });
}

describe("turn by turn", () => {
  beforeAll(async () => {
    await startEngine("cpu");
  });
  behaviour();
});

describeNative("in one call", () => {
  beforeAll(async () => {
    await startEngine("native", { threads: 1 });
  });
  behaviour();
});
