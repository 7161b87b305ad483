/**
 * Sandwich: of the sinusoidal embeddings' inner product, what is left when tokens and positions are
 * kept apart.
 *
 *     scores_ij = q_i·k_j/√D + (1/r_h)·Σ_k cos((i − j)·ω_k)      ω_k = base^(−2k/d̄), k = 0 … d̄/2 − 1      r_h = 8h/H, h = 1 … H
 *
 * No parameters, defined at every distance. d̄ (`columns`) is 128 whatever the width of the model,
 * as published; r_h gives each head its own slope, as ALiBi's m_h do. Added outside the 1/√D, as in
 * the authors' listing, where k starts at 0; `inside` puts it inside. The sum is symmetric: under
 * bidirectional attention, which the paper does not try, it does not tell left from right.
 *
 * Chi et al. 2023, arXiv:2212.10356.
 */
import { z } from "zod";
import { anglesOf } from "../tensor/angles.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

export const sandwich = defineEncoding({
  kind: "sandwich",
  title: "Sandwich",
  source: "Chi et al. 2023, arXiv:2212.10356",
  relative: true,
  config: z.strictObject({
    /** d̄ */
    columns: z.int().positive().multipleOf(2).max(4096).default(128),
    base: z.number().gt(1).max(1e12).default(10_000),
    inside: z.boolean().default(false),
  }),
  create: ({ columns, base, inside }, { heads: H }) => ({
    bias({ positions: { query, key }, scale }) {
      // Σ cos(iω − jω) is a product of tables; counted from the first key, a shift of all positions
      // leaves even its rounding as it is.
      const origin = tf.slice(key, 0, 1);
      const omega = Array.from({ length: columns / 2 }, (_, k) => base ** ((-2 * k) / columns));
      const table = (positions: tf.Tensor1D) => {
        const angle = anglesOf(tf.sub(positions, origin), omega);
        return tf.concat([tf.cos(angle), tf.sin(angle)], 1) as tf.Tensor2D; // (T,d̄)
      };
      const sum = tf.matMul(table(query), table(key), false, true); // (T,S)
      const weight = Array.from({ length: H }, (_, h) => ((inside ? scale : 1) * H) / (8 * (h + 1)));
      return tf.mul(tf.tensor3d(weight, [H, 1, 1]), sum); // (H,T,S)
    },
  }),
});
