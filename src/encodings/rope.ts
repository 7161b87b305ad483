/**
 * Rotary positions: each pair of columns of queries and keys is turned by an angle proportional to the position,
 *
 *     (a, b)_k ← m·(a·cos pω_k − b·sin pω_k,  b·cos pω_k + a·sin pω_k)     ω_k = base^(−2k/R)     k = 0 … R/2 − 1
 *
 * so that q_i·k_j depends on i − j alone. R = rotary·D columns take part, and the rest pass as they are (frequencies use R, not D).
 * `layout` says which columns are a pair: "halves" k and k + R/2 (GPT-NeoX, Hugging Face), "interleaved" 2k and 2k + 1 (the paper, GPT-J).
 *
 * `scaling` changes the frequencies ω, and m, to read past L_max: `rope-scaling.ts`.
 *
 * Su et al. 2021, arXiv:2104.09864, section 3.2.2.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { anglesOf, pairsOf } from "../tensor/angles.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";
import { scaledFrequencies, scalingSchema, sizeOf, slowed } from "./rope-scaling.ts";

export type Layout = "halves" | "interleaved";

export const rope = defineEncoding({
  kind: "rope",
  title: "RoPE",
  source: "Su et al. 2021, arXiv:2104.09864, section 3.2.2",
  relative: true,
  config: z.strictObject({
    layout: z.enum(["halves", "interleaved"]).default("halves"),
    base: z.number().gt(1).max(1e12).default(10_000),
    /** The part of each head's columns that turns. */
    rotary: z.number().positive().max(1).default(1),
    scaling: scalingSchema.prefault({ kind: "none" }),
  }),
  create({ layout, base, rotary, scaling }, { headWidth: D, context }) {
    const R = Math.floor(rotary * D + 1e-9); // 0.29·100 is 28.999…
    if (R < 2 || R % 2 !== 0) {
      throw new InputError(
        `rope: model.position.rotary ${rotary} of heads of width ${D} is ${R} columns, which are not pairs; ` +
          "choose a part of the width, or a width, that gives an even number from 2 on",
      );
    }
    const size = sizeOf(scaling);
    return {
      dependsOnLength: scaling.kind === "dynamic",
      pairs: (length) => pairsOf(scaledFrequencies(scaling, { R, base, context }, length), layout),
      transform(x, positions) {
        const omega = scaledFrequencies(scaling, { R, base, context });
        const angle =
          scaling.kind === "dynamic"
            ? tf.mul(tf.expandDims(positions, 1), slowed(omega, positions, scaling.factor, context))
            : anglesOf(positions, omega); // (T,R/2)
        const [cos, sin] = [tf.mul(size, tf.cos(angle)), tf.mul(size, tf.sin(angle))];
        if (R === D) return rotate(x, cos, sin, layout);
        const [turning, rest] = tf.split(x, [R, D - R], 3) as [tf.Tensor4D, tf.Tensor4D];
        return tf.concat([rotate(turning, cos, sin, layout), rest], 3);
      },
    };
  },
});

/**
 * Turns each pair of columns by the angle whose cosine and sine are given.
 *
 * @param x (B,H,T,R)
 * @param cos (T,R/2), as sin
 * @returns (B,H,T,R)
 */
export function rotate(x: tf.Tensor4D, cos: tf.Tensor, sin: tf.Tensor, layout: Layout): tf.Tensor4D {
  const [B, H, T, R] = x.shape;
  const pairs = layout === "halves" ? [B * H, T, 2, R / 2] : [B * H, T, R / 2, 2];
  const axis = layout === "halves" ? 2 : 3;
  const [a, b] = tf.unstack(tf.reshape(x, pairs), axis) as [tf.Tensor3D, tf.Tensor3D]; // (BH,T,R/2)
  const turned = [
    tf.sub(tf.mul(a, cos), tf.mul(b, sin)),
    tf.add(tf.mul(b, cos), tf.mul(a, sin)),
  ] as tf.Tensor3D[];
  return tf.reshape(tf.stack(turned, axis), [B, H, T, R]);
}
