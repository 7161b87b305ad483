/** Linear layers that are one of ours, such as queries, keys and values of different widths. */
import { joined } from "../../tensor/joined.ts";
import { permuted, turned } from "../../tensor/permuted.ts";
import type { Rule } from "./rules.ts";

/** A linear layer that is stored (rows,columns): rows go out. */
export interface Projection {
  /** Without its `.weight`. */
  readonly name: string;
  readonly rows: number;
}

/**
 * Linear layers of one input, (rows,columns) each, as the columns of our (columns, Σ rows) from left
 * to right, with their biases.
 */
export function sideBySide(
  ours: string,
  parts: readonly Projection[],
  columns: number,
  biased: boolean,
): Rule[] {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const weight: Rule = {
    ours: `${ours}.weight`,
    theirs: parts.map(({ name, rows }) => ({ name: `${name}.weight`, shape: [rows, columns] })),
    toOurs: (matrices) => beside(matrices, parts, columns),
    toTheirs: (values) => cut(permuted(values, [columns, total], [1, 0]), parts, columns),
  };
  const bias: Rule = {
    ours: `${ours}.bias`,
    theirs: parts.map(({ name, rows }) => ({ name: `${name}.bias`, shape: [rows] })),
    toOurs: whole,
    toTheirs: (values) => cut(values, parts, 1),
  };
  return biased ? [weight, bias] : [weight];
}

/** Each turned into its place, without all of them in one matrix first. @returns (columns, Σ rows) */
function beside(
  matrices: readonly Float32Array[],
  parts: readonly Projection[],
  columns: number,
): Float32Array {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const result = new Float32Array(columns * total);
  let at = 0;
  for (const [i, { rows }] of parts.entries()) {
    turned(matrices[i] as Float32Array, result.subarray(at), {
      rows: { count: rows, step: columns },
      columns: { count: columns, step: total },
    });
    at += rows;
  }
  return result;
}

const whole = (parts: readonly Float32Array[]): Float32Array =>
  parts.length === 1 ? (parts[0] as Float32Array) : joined((length) => new Float32Array(length), parts);

function cut(values: Float32Array, parts: readonly Projection[], columns: number): Float32Array[] {
  let from = 0;
  return parts.map(({ rows }) => {
    const part = values.subarray(from, from + rows * columns);
    from += rows * columns;
    return part;
  });
}
