/**
 * Tests of traced graphs: they run where the native engine is installed, and say why where they are
 * skipped.
 */
import { beforeAll, describe, expect } from "vitest";
import { startEngine } from "../../../../src/node/native/engines.ts";
import { type NativeBackend, nativeBackend } from "../../../../src/node/native/graph/backend.ts";
import { nativeStatus } from "../../../../src/node/native/setup/status.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { leaves, type TensorTree } from "../../../../src/tensor/tree.ts";

/** Declares tests that need the native engine, and starts it for them. */
export function describeNative(title: string, tests: () => void): void {
  const status = nativeStatus();
  if (!status.ready) {
    describe.skip(`${title} (skipped: ${status.reason})`, tests);
    return;
  }
  describe(title, () => {
    beforeAll(async () => {
      await startEngine("native", { threads: 1 });
    });
    tests();
  });
}

/** The native backend, in tests that `describeNative` declares. */
export function backend(): NativeBackend {
  return nativeBackend() as NativeBackend;
}

/** How many graphs the binding holds. */
export function openGraphs(): number {
  // The binding's own count, which nothing in src needs.
  return (backend().binding as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels();
}

/** Numbers in [-1, 1), the same for the same shape and seed. */
export function numbers(shape: readonly number[], seed = 1): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from(
    { length: size },
    (_, i) => ((((i + 1) * 6151 + seed * 15_485_863) % 2003) / 2003) * 2 - 1,
  );
  return tf.tensor(values, [...shape]);
}

/** Name, type, shape and values of every tensor of a tree: what two runs are compared by. */
export function contents(tree: TensorTree) {
  return leaves(tree).map(({ path, tensor }) => ({
    name: path.join("."),
    dtype: tensor.dtype,
    shape: tensor.shape,
    values: Array.from(tensor.dataSync()),
  }));
}

/** Expects equal names, types and shapes, and values within `tolerance` of the larger of 1 and their size. */
export function expectEqualContents(got: TensorTree, wanted: TensorTree, tolerance: number): void {
  const [a, b] = [contents(got), contents(wanted)];
  const form = ({ name, dtype, shape }: (typeof a)[number]) => ({ name, dtype, shape });
  expect(a.map(form)).toEqual(b.map(form));
  for (const [i, { name, values }] of a.entries()) {
    for (const [j, value] of values.entries()) {
      const other = b[i]?.values[j] as number;
      const bound = tolerance * Math.max(1, Math.abs(other));
      expect(Math.abs(value - other), `${name}[${j}]: ${value} against ${other}`).toBeLessThanOrEqual(bound);
    }
  }
}
