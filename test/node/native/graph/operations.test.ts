/**
 * A traced function gives what the same function gives step by step, operation by operation and
 * through gradients.
 */
import { expect, test } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { disposeTree, type TensorTree } from "../../../../src/tensor/tree.ts";
import { describeNative, expectEqualContents } from "./native.ts";
import {
  inputsOf,
  type Letters,
  OF_TRANSFORMER,
  PLAIN,
  SMOOTH,
  type Tensors,
  withGradients,
} from "./operations.ts";

/**
 * The same kernels in the same order, but for what TensorFlow folds or fuses: some units in
 * float32's last place.
 */
const FOLDED = 2e-6;
/** XLA fuses products with sums and has its own exp and tanh. */
const COMPILED = 2e-5;

function expectCompiledEqual<I extends TensorTree>(
  inputs: I,
  fn: (inputs: I) => TensorTree,
  { xla, tolerance }: { xla: boolean; tolerance: number },
): void {
  const before = tf.memory().numTensors;
  const compiled = compile(fn, { name: "operations", xla });
  const eager = tf.tidy(() => fn(inputs) as Tensors);
  const traced = compiled(inputs);
  expectEqualContents(traced, eager, tolerance);
  disposeTree({ traced, eager });
  compiled.close();
  expect(tf.memory().numTensors).toBe(before);
  disposeTree(inputs);
}

describeNative("a traced function equals the function", () => {
  const folded = { xla: false, tolerance: FOLDED };

  test.each(SMOOTH)("%s, and gradients", (_, shapes, fn) =>
    expectCompiledEqual(inputsOf(shapes), withGradients(fn), folded),
  );

  test.each(PLAIN)("%s", (_, shapes, fn) => expectCompiledEqual(inputsOf(shapes), fn, folded));

  test("the operations of a transformer and their gradients in one graph, compiled by XLA", () => {
    const cases = SMOOTH.filter(([name]) => OF_TRANSFORMER.has(name));
    expect(cases).toHaveLength(OF_TRANSFORMER.size);
    const inputs = Object.fromEntries(cases.map(([name, shapes]) => [name, inputsOf(shapes)]));
    const fn = (all: Record<string, Letters>) =>
      Object.fromEntries(cases.map(([name, , one]) => [name, withGradients(one)(all[name] as Letters)]));
    expectCompiledEqual(inputs, fn, { xla: true, tolerance: COMPILED });
  });
});
