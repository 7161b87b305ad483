/**
 * How the tensors of another library become ours and ours become theirs: one rule a parameter of
 * ours, read in both directions.
 *
 * Nearly every difference is one of layout: a matrix stored (out,in), queries, keys and values in
 * three matrices, or side by side in each head. All are a change of the order of axes, so that a
 * rule names the axes of what lies in the file and their order in ours.
 */
import type { Dimensions } from "../../model/model.ts";
import { joined } from "../../tensor/joined.ts";
import { sizeOf } from "../../tensor/params.ts";
import { permuted } from "../../tensor/permuted.ts";

/** A tensor in the file; −1 stands for any size. */
export interface TheirTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Rule {
  /** The name of our parameter, whose shape the model's specs tell. */
  readonly ours: string;
  readonly theirs: readonly TheirTensor[];
  /** Row-major values of theirs, in the order of `theirs`, to ours. */
  toOurs(parts: readonly Float32Array[]): Float32Array;
  toTheirs(values: Float32Array): readonly Float32Array[];
  /** Another name under which it is written too. */
  readonly copy?: string;
  /** What of theirs our parameter has no place for, in words. */
  leavesOut?(parts: readonly Float32Array[]): string | undefined;
}

/** The same layout under another name. */
export function same(ours: string, name: string, shape: readonly number[]): Rule {
  return { ours, theirs: [{ name, shape }], toOurs: ([x]) => x as Float32Array, toTheirs: (x) => [x] };
}

/**
 * Tensors of equal shape whose values, one after another, are an array of the axes `axes`; ours has
 * those axes in the order `order`.
 *
 * `reordered(w, [v], [N,C], {axes: [N,C], order: [1,0]})` is a transpose.
 */
export function reordered(
  ours: string,
  names: readonly string[],
  shape: readonly number[],
  { axes, order }: { readonly axes: readonly number[]; readonly order: readonly number[] },
): Rule {
  const inverse = order.map((_, axis) => order.indexOf(axis));
  const size = sizeOf(shape);
  return {
    ours,
    theirs: names.map((name) => ({ name, shape })),
    toOurs: (parts) => permuted(whole(parts), axes, order),
    toTheirs(values) {
      const all = permuted(
        values,
        order.map((axis) => axes[axis] as number),
        inverse,
      );
      return names.map((_, i) => all.subarray(i * size, (i + 1) * size));
    },
  };
}

/** A linear layer that is stored (out,in), with its bias. */
export function linear(ours: string, theirs: string, [rows, columns]: readonly [number, number]): Rule[] {
  return [
    reordered(`${ours}.weight`, [`${theirs}.weight`], [columns, rows], {
      axes: [columns, rows],
      order: [1, 0],
    }),
    same(`${ours}.bias`, `${theirs}.bias`, [columns]),
  ];
}

/** A table without its first rows, which are of no position: an export has zeros in their place. */
export function rowsFrom(first: number, ours: string, name: string, [P, C]: readonly [number, number]): Rule {
  return {
    ours,
    theirs: [{ name, shape: [first + P, C] }],
    toOurs: ([table]) => (table as Float32Array).slice(first * C),
    toTheirs: (values) => [afterZeros(values, first * C)],
    leavesOut: () => leftOutRows(name, first),
  };
}

/** The values behind so many zeros. */
export function afterZeros(values: Float32Array, zeros: number): Float32Array {
  const all = new Float32Array(zeros + values.length);
  all.set(values, zeros);
  return all;
}

/** Names the rows that are of no position, where there are any. */
export const leftOutRows = (name: string, first: number): string | undefined =>
  first === 0 ? undefined : `${name} is used from row ${first} on, the first position's`;

/** Gain and bias of a normalization. */
export function normalization(ours: string, theirs: string, width: number): Rule[] {
  return ["weight", "bias"].map((part) => same(`${ours}.${part}`, `${theirs}.${part}`, [width]));
}

/**
 * Queries, keys and values in one matrix (H·3·D,C) whose rows are grouped by head, as GPT-NeoX and
 * BLOOM have it, and their biases.
 */
function fusedByHead(ours: string, theirs: string, heads: number, headWidth: number): Rule[] {
  const [H, D, C] = [heads, headWidth, heads * headWidth];
  return [
    reordered(`${ours}.weight`, [`${theirs}.weight`], [3 * C, C], {
      axes: [H, 3, D, C],
      order: [3, 1, 0, 2], // (C,3,H,D)
    }),
    reordered(`${ours}.bias`, [`${theirs}.bias`], [3 * C], { axes: [H, 3, D], order: [1, 0, 2] }),
  ];
}

/**
 * A block of GPT-NeoX's layout, which BLOOM shares but for where it lies and what it calls attention.
 *
 * @param attention its name, as in `transformer.h.0.self_attention`
 */
export function blockFusedByHead(
  layer: number,
  theirs: string,
  attention: string,
  { heads, headWidth, mlpWidth: M }: Pick<Dimensions, "heads" | "headWidth" | "mlpWidth">,
): Rule[] {
  const [ours, C] = [`h.${layer}`, heads * headWidth];
  return [
    ...normalization(`${ours}.ln_1`, `${theirs}.input_layernorm`, C),
    ...fusedByHead(`${ours}.attn.c_attn`, `${theirs}.${attention}.query_key_value`, heads, headWidth),
    ...linear(`${ours}.attn.c_proj`, `${theirs}.${attention}.dense`, [C, C]),
    ...normalization(`${ours}.ln_2`, `${theirs}.post_attention_layernorm`, C),
    ...linear(`${ours}.mlp.c_fc`, `${theirs}.mlp.dense_h_to_4h`, [C, M]),
    ...linear(`${ours}.mlp.c_proj`, `${theirs}.mlp.dense_4h_to_h`, [M, C]),
  ];
}

function whole(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0] as Float32Array;
  return joined((length) => new Float32Array(length), parts);
}
