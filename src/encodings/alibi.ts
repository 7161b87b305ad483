/**
 * ALiBi: attention with linear biases.
 *
 *     scores_ij = q_i·k_j/√D − m_h·|i − j|        m_h = 2^(−8(h+1)/H),  h = 0 … H − 1
 *
 * Added outside the 1/√D. No parameters, defined at every distance. When H is no power of two, the
 * slopes are those of the authors' code rather than this formula: those of the power of two below
 * H, then every other one of twice that power.
 *
 * Bidirectional attention is not in the paper: here the bias is symmetric, as in the authors' issue
 * 5, so that it does not tell left from right.
 *
 * Press, Smith and Lewis 2022, arXiv:2108.12409, section 3.
 */
import { z } from "zod";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

export const alibi = defineEncoding({
  kind: "alibi",
  title: "ALiBi",
  source: "Press, Smith and Lewis 2022, arXiv:2108.12409, section 3",
  relative: true,
  config: z.strictObject({}),
  create: (_config, { heads: H }) => ({
    bias({ positions: { query, key } }) {
      const distance = tf.abs(tf.sub(tf.expandDims(query, 1), tf.expandDims(key, 0))); // (T,S)
      return tf.mul(tf.tensor3d(slopes(H), [H, 1, 1]), tf.neg(distance)); // (H,T,S)
    },
  }),
});

/** Slopes m_0 … m_{H−1}: for a power of two, a geometric series that ends at 2^−8. */
export function slopes(H: number): number[] {
  const series = (n: number) => Array.from({ length: n }, (_, h) => 2 ** ((-8 * (h + 1)) / n));
  const power = 2 ** Math.floor(Math.log2(H));
  const between = series(2 * power).filter((_, h) => h % 2 === 0);
  return [...series(power), ...between.slice(0, H - power)];
}
