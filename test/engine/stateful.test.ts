import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileStateful, type Stateful, type StatefulRun } from "../../src/engine/stateful.ts";
import { InputError } from "../../src/errors.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";
import { describeNative, openGraphs } from "../node/native/graph/native.ts";

type State = { sum: tf.Tensor1D; count: tf.Scalar };
type Inputs = { x: tf.Tensor2D };
type Outputs = { before: tf.Tensor1D; total: tf.Scalar };

/** Sums rows: x (N,2). */
const summing = (xla: boolean): Stateful<State, Inputs, Outputs> =>
  compileStateful(
    ({ state: { sum, count }, inputs: { x } }) => ({
      state: { sum: tf.add(sum, tf.sum(x, 0)), count: tf.add(count, tf.scalar(x.shape[0])) },
      outputs: { before: sum, total: tf.sum(x) },
    }),
    { name: "summing", xla },
  );

const zero = (): State => ({ sum: tf.tensor1d([0, 0]), count: tf.scalar(0) });

/** Runs a step; numbers in and out, nothing left behind. */
function step(run: StatefulRun<State, Inputs, Outputs>, rows: number[][]) {
  const x = tf.tensor2d(rows);
  const { before, total } = run.step({ x });
  const result = { before: Array.from(before.dataSync()), total: total.dataSync()[0] };
  tf.dispose([x, before, total]);
  return result;
}

function stateOf(run: StatefulRun<State, Inputs, Outputs>) {
  const { sum, count } = run.read();
  const result = [...sum.dataSync(), ...count.dataSync()];
  tf.dispose([sum, count]);
  return result;
}

function behaviour(xla: boolean) {
  let summed: Stateful<State, Inputs, Outputs>;
  beforeAll(() => {
    summed = summing(xla);
  });
  afterAll(() => summed.close());

  test("each step goes on from the last, whose state can be read at any time", () => {
    const run = summed.begin(zero());
    expect(stateOf(run)).toEqual([0, 0, 0]);
    expect(step(run, [[1, 2]])).toEqual({ before: [0, 0], total: 3 });
    expect(stateOf(run)).toEqual([1, 2, 1]);
    expect(step(run, [[3, 4]])).toEqual({ before: [1, 2], total: 7 });
    expect(step(run, [[5, 6]])).toEqual({ before: [4, 6], total: 11 });
    expect(stateOf(run)).toEqual([9, 12, 3]);
    run.close();
  });

  test("what was read does not change with the next step", () => {
    const run = summed.begin(zero());
    step(run, [[1, 2]]);
    const state = run.read();
    step(run, [[10, 20]]);
    expect(Array.from(state.sum.dataSync())).toEqual([1, 2]);
    tf.dispose([state.sum, state.count]);
    run.close();
  });

  test("runs take turns, and each has its own state", () => {
    const [a, b] = [
      summed.begin(zero()),
      summed.begin({ sum: tf.tensor1d([100, 200]), count: tf.scalar(7) }),
    ];
    step(a, [[1, 1]]);
    step(b, [[2, 2]]);
    step(a, [[1, 1]]);
    expect(stateOf(b)).toEqual([102, 202, 8]);
    expect(stateOf(a)).toEqual([2, 2, 2]);
    a.close();
    expect(step(b, [[1, 1]]).before).toEqual([102, 202]);
    b.close();
  });

  test("inputs of another shape find the state", () => {
    const run = summed.begin(zero());
    step(run, [[1, 2]]);
    step(run, [
      [1, 1],
      [2, 2],
    ]);
    expect(step(run, [[0, 0]]).before).toEqual([4, 5]);
    expect(stateOf(run)).toEqual([4, 5, 4]);
    run.close();
  });

  test("a run outlives the graphs", () => {
    const own = summing(xla);
    const run = own.begin(zero());
    step(run, [[1, 2]]);
    own.close();
    expect(stateOf(run)).toEqual([1, 2, 1]);
    expect(step(run, [[1, 2]]).before).toEqual([1, 2]);
    expect(stateOf(run)).toEqual([2, 4, 2]);
    run.close();
    own.close();
  });

  test("a hundred steps and readings leave no tensor behind, nor does a run", () => {
    const before = tf.memory().numTensors;
    const run = summed.begin(zero());
    step(run, [[1, 2]]);
    const during = tf.memory().numTensors;
    for (let i = 0; i < 100; i += 1) {
      step(run, [[1, 2]]);
      stateOf(run);
    }
    expect(tf.memory().numTensors).toBe(during);
    run.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a state of another form is refused, by the function's name", () => {
    const odd = compileStateful(
      ({ state: { a } }: { state: { a: tf.Tensor } }) => ({ state: { a: tf.stack([a, a]) }, outputs: {} }),
      { name: "doubling", xla },
    );
    const run = odd.begin({ a: tf.scalar(1) });
    expect(() => run.step({})).toThrow(
      "compile(doubling): the state returned is a float32[2] and the one given was a float32[]",
    );
    run.close();
  });
}

describeNative("a compiled function keeps its state, on native", () => behaviour(false));
describeNative("a compiled function keeps its state, on native with XLA", () => behaviour(true));

describeNative("on native", () => {
  test("the state lies in no tensor", () => {
    const summed = summing(false);
    const before = tf.memory().numTensors;
    const run = summed.begin(zero());
    expect(tf.memory().numTensors).toBe(before + 2);
    step(run, [[1, 2]]);
    expect(tf.memory().numTensors).toBe(before);
    run.close();
    summed.close();
  });

  test("an error inside names the function and the op", () => {
    const failing = compileStateful(
      ({ state, inputs: { at } }: { state: { table: tf.Tensor }; inputs: { at: tf.Tensor1D } }) => ({
        state,
        outputs: { rows: tf.gather(state.table, at) },
      }),
      { name: "reader" },
    );
    const run = failing.begin({ table: tf.tensor2d([[1], [2]]) });
    const graphs = openGraphs();
    run.step({ at: tf.tensor1d([1], "int32") });
    expect(openGraphs()).toBe(graphs + 1);
    expect(() => run.step({ at: tf.tensor1d([2], "int32") })).toThrow(/^compile\(reader\): .*GatherV2/s);
    run.close();
    failing.close();
    expect(openGraphs()).toBe(graphs);
  });
});

describe("a compiled function keeps its state, on cpu", () => {
  beforeAll(async () => {
    await startEngine("cpu");
  });
  behaviour(false);

  test("products in bfloat16 are refused", () => {
    const rounded = compileStateful(({ state }: { state: { a: tf.Tensor } }) => ({ state, outputs: {} }), {
      name: "rounded",
      precision: "bfloat16",
    });
    const run = rounded.begin({ a: tf.scalar(1) });
    expect(() => run.step({})).toThrow(InputError);
    run.close();
  });
});
