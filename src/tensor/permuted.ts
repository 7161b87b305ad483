/** Arrays with their axes in another order, in plain JavaScript, at the speed of memory. */
import { sizeOf } from "./params.ts";

/** A side of the squares that are turned one by one: both sides of one stay in the first cache. */
const BLOCK = 32;

/**
 * Values of an array of the axes `shape` with the axes in another order.
 *
 * @example
 * assert.deepEqual([...permuted(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])], [1, 4, 2, 5, 3, 6]);
 */
export function permuted(
  values: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const result = new Float32Array(values.length);
  if (values.length === 0) return result;
  const stepIn = (axis: number) => sizeOf(shape.slice(axis + 1));
  const stepOut = (axis: number) =>
    sizeOf(order.slice(order.indexOf(axis) + 1).map((n) => shape[n] as number));
  const [rows, columns] = [order.at(-1) as number, shape.length - 1]; // neighbours in the result, and in the values
  const outer = order.filter((axis) => axis !== rows && axis !== columns);
  const square = {
    rows: { count: shape[rows] as number, step: stepIn(rows) },
    columns: { count: rows === columns ? 1 : (shape[columns] as number), step: stepOut(columns) },
  };
  const walk = (depth: number, from: number, to: number) => {
    const axis = outer[depth];
    if (axis === undefined) return turned(values.subarray(from), result.subarray(to), square);
    const [size, before, after] = [shape[axis] as number, stepIn(axis), stepOut(axis)];
    for (let i = 0; i < size; i++) walk(depth + 1, from + i * before, to + i * after);
  };
  walk(0, 0, 0);
  return result;
}

interface Square {
  /** Apart by `step` in the values, neighbours in the result. */
  readonly rows: { readonly count: number; readonly step: number };
  /** Neighbours in the values, apart by `step` in the result. */
  readonly columns: { readonly count: number; readonly step: number };
}

/** A matrix into its transpose, in squares: rows of a whole matrix would push each other out of the cache. */
export function turned(values: Float32Array, result: Float32Array, { rows, columns }: Square): void {
  for (let r = 0; r < rows.count; r += BLOCK) {
    const lastRow = Math.min(rows.count, r + BLOCK);
    for (let c = 0; c < columns.count; c += BLOCK) {
      const lastColumn = Math.min(columns.count, c + BLOCK);
      for (let column = c; column < lastColumn; column++) {
        const to = column * columns.step;
        for (let row = r, from = r * rows.step + column; row < lastRow; row++, from += rows.step)
          result[to + row] = values[from] as number;
      }
    }
  }
}
