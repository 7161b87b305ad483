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
 * `turning` is p of p-RoPE (Barbero et al. 2024, arXiv:2410.06205): only so large a share of pairs
 * turns, the fastest, with the frequencies that they have anyway; the slowest, which models use for
 * content, stand still at ω = 0.
 *
 * Su et al. 2021, arXiv:2104.09864, section 3.2.2.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { pairsOf } from "../tensor/angles.ts";
import { materialized } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";
import { anglesAt, scaledFrequencies, sizeOf } from "./rope-scaling.ts";
import { type Scaling, scalingSchema } from "./rope-scaling-fields.ts";

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
    /** p-RoPE: the share of pairs that turn, the fastest; the others carry content alone. All when left out. */
    turning: z.number().min(0).max(1).optional(),
  }),
  create({ layout, base, rotary, scaling, turning = 1 }, { headWidth: D, context }) {
    const R = Math.floor(rotary * D + 1e-9); // 0.29·100 is 28.999…
    if (R < 2 || R % 2 !== 0) {
      throw new InputError(
        `rope: model.position.rotary ${rotary} of heads of width ${D} is ${R} columns, which are not pairs; ` +
          "choose a part of the width, or a width, that gives an even number from 2 on",
      );
    }
    requireLambdas(scaling, R);
    const size = sizeOf(scaling, context);
    const grid = { R, base, context, turning };
    return {
      dependsOnLength: scaling.kind === "dynamic" || scaling.kind === "longrope",
      pairs: (length) => pairsOf(scaledFrequencies(scaling, grid, length), layout),
      transform(x, positions) {
        const angle = anglesAt(scaling, grid, positions); // (T,R/2)
        const [cos, sin] = [tf.mul(size, tf.cos(angle)), tf.mul(size, tf.sin(angle))];
        if (R === D) return rotate(x, cos, sin, layout);
        const [turning, rest] = tf.split(x, [R, D - R], 3) as [tf.Tensor4D, tf.Tensor4D];
        return tf.concat([rotate(turning, cos, sin, layout), rest], 3);
      },
    };
  },
});

function requireLambdas(scaling: Scaling, R: number): void {
  if (scaling.kind !== "longrope") return;
  for (const name of ["long", "short"] as const) {
    const count = scaling[name]?.length ?? R / 2;
    if (count !== R / 2)
      throw new InputError(
        `rope: model.position.scaling.${name} has ${count} factors for ${R / 2} pairs that turn; give one each`,
      );
  }
}

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
  const [c, s] = [materialized(cos), materialized(sin)];
  const turned = [tf.sub(tf.mul(a, c), tf.mul(b, s)), tf.add(tf.mul(b, c), tf.mul(a, s))] as tf.Tensor3D[];
  return tf.reshape(tf.stack(turned, axis), [B, H, T, R]);
}
