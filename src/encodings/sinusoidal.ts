/**
 * Sinusoidal positions, interleaved as in the paper:
 *
 *     PE(p, 2k) = scale·sin(p·ω_k)    PE(p, 2k+1) = scale·cos(p·ω_k)    ω_k = base^(−2k/C)
 *
 * For odd C the last column is a sine. `layout: "halves"` is tensor2tensor's and fairseq's table:
 * ⌊C/2⌋ sines, then as many cosines, over a different frequency grid, ω_k = base^(−k/(⌊C/2⌋−1));
 * for odd C the last column is zero.
 *
 * The paper's scale is 1, beside token embeddings multiplied by √C. Here embeddings start at N(0,
 * 1/C), which a table of RMS 0.71 outweighs √(C/2) times until they grow; a smaller `scale`, or √C
 * as `model.tokenScale`, gives the paper's ratio.
 *
 * Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
 */
import { z } from "zod";
import { anglesOf } from "../tensor/angles.ts";
import { materialized } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const layouts = ["interleaved", "halves"] as const;
type Layout = (typeof layouts)[number];

export const sinusoidal = defineEncoding({
  kind: "sinusoidal",
  title: "Sinusoidal",
  source: "Vaswani et al. 2017, arXiv:1706.03762, section 3.5",
  relative: false,
  config: z.strictObject({
    base: z.number().gt(1).max(1e12).default(10_000),
    scale: z.number().positive().max(1e6).default(1),
    layout: z.enum(layouts).default("interleaved"),
  }),
  create: ({ base, scale, layout }, { width: C }) => ({
    embed(_params, positions) {
      const omega = frequencies(C, base, layout);
      const angle = anglesOf(positions, omega); // (T,K)
      const sin = tf.sin(angle);
      const cos = tf.cos(angle);
      const table =
        layout === "halves"
          ? tf.concat([sin, cos, tf.zerosLike(tf.expandDims(positions, 1))], 1)
          : tf.reshape(tf.stack([sin, cos], 2), [-1, 2 * omega.length]);
      return materialized(tf.mul(scale, tf.slice(table, [0, 0], [-1, C]))) as tf.Tensor2D;
    },
    // a sine alone, the last column of an odd width, does not say where the wave goes
    ...((C % 2 === 0 || layout === "halves") && {
      shift: (embedded, by) => turned(embedded, frequencies(C, base, layout), by, layout),
    }),
  }),
});

/**
 * R_Δ: each pair of a sine and a cosine is turned by ωΔ,
 *
 *     PE(p + Δ) = PE(p)·cos(ωΔ) + PE⊥(p)·sin(ωΔ)    PE = (sin pω, cos pω)    PE⊥ = (cos pω, −sin pω)
 */
function turned(embedded: tf.Tensor2D, omega: readonly number[], by: number, layout: Layout): tf.Tensor2D {
  const [T, C] = embedded.shape;
  const K = omega.length;
  const pairs: tf.Tensor = tf.slice(embedded, [0, 0], [T, 2 * K]);
  const axis = layout === "halves" ? 1 : 2;
  const [sin, cos] = tf.unstack(tf.reshape(pairs, layout === "halves" ? [T, 2, K] : [T, K, 2]), axis) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const across = tf.tensor1d(omega.map((w) => Math.sin(w * by)));
  const along = tf.tensor1d(omega.map((w) => Math.cos(w * by)));
  const moved = tf.stack(
    [tf.add(tf.mul(sin, along), tf.mul(cos, across)), tf.sub(tf.mul(cos, along), tf.mul(sin, across))],
    axis,
  );
  const all = tf.reshape(moved, [T, 2 * K]) as tf.Tensor2D;
  return C === 2 * K ? all : tf.concat([all, tf.slice(embedded, [0, 2 * K], [T, 1])], 1);
}

/** Angular frequencies ω_0 > ω_1 > …, in radians a position: a geometric series. */
export function frequencies(C: number, base: number, layout: Layout): number[] {
  const count = layout === "halves" ? Math.floor(C / 2) : Math.ceil(C / 2);
  const exponent = (k: number) => (layout === "halves" ? k / Math.max(1, count - 1) : (2 * k) / C);
  return Array.from({ length: count }, (_, k) => base ** -exponent(k));
}
