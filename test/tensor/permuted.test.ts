/** Axes in another order, against an index at a time. */
import { expect, test } from "vitest";
import { permuted } from "../../src/tensor/permuted.ts";

const counting = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);

/** Of every number of the result, the place that it came from. */
function byIndex(values: Float32Array, shape: readonly number[], order: readonly number[]): number[] {
  const sizes = order.map((axis) => shape[axis] as number);
  return Array.from(values, (_, at) => {
    const index: number[] = [];
    let rest = at;
    for (const [n, size] of [...sizes.entries()].reverse()) {
      index[order[n] as number] = rest % size;
      rest = Math.floor(rest / size);
    }
    return values[shape.reduce((sum, size, axis) => sum * size + (index[axis] as number), 0)] as number;
  });
}

test.each([
  [
    [3, 5],
    [1, 0],
  ],
  [
    [70, 33],
    [1, 0],
  ], // more than two squares a side, and a part of one
  [
    [4, 6],
    [0, 1],
  ],
  [[7], [0]],
  [
    [2, 3, 4, 5],
    [3, 1, 0, 2],
  ],
  [
    [2, 3, 4],
    [1, 0, 2],
  ],
  [
    [2, 3, 4],
    [2, 1, 0],
  ],
  [
    [3, 1, 4],
    [2, 0, 1],
  ],
  [
    [0, 3],
    [1, 0],
  ],
])("%j in the order %j", (shape, order) => {
  const values = counting(shape);
  expect(Array.from(permuted(values, shape, order))).toEqual(byIndex(values, shape, order));
});
