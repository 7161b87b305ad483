/**
 * PoPE: each number of a query or key is a size, and its position an angle,
 *
 *     scores_ij = Σ_c softplus(q_ic)·softplus(k_jc)·cos((j − i)·θ_c + δ_c) / √D     θ_c = base^(−c/D)     c = 0 … D − 1
 *
 * so that what a key is and where it stands do not mix: RoPE turns pairs of numbers, whose own angle
 * is content. Queries and keys become sizes times cosines beside sizes times sines, of width 2D. δ
 * is learned by each head, in [−2π, 0]; here it is taken from the query's angle, for heads that
 * share keys have their own.
 *
 * `phases` says where δ starts: at 0, or evenly over [−2π, 0].
 *
 * Gopalakrishnan, Csordás, Schmidhuber and Mozer 2025, "Decoupling the What and Where With Polar
 * Coordinate Positional Embeddings", arXiv:2509.10534.
 */
import { z } from "zod";
import { anglesOf } from "../tensor/angles.ts";
import { materialized } from "../tensor/ops.ts";
import { param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const PHASE = "polar.phase";
const TURN = 2 * Math.PI;

export const polar = defineEncoding({
  kind: "polar",
  title: "PoPE",
  source: "Gopalakrishnan et al. 2025, arXiv:2509.10534",
  relative: true,
  config: z.strictObject({
    base: z.number().gt(1).max(1e12).default(10_000),
    phases: z.enum(["zero", "uniform"]).default("zero"),
  }),
  create: ({ base, phases }, { heads: H, headWidth: D }) => ({
    layerParams: {
      [PHASE]: {
        shape: [H, D],
        init: phases === "zero" ? () => 0 : (rng) => -TURN * rng.uniform(),
        decay: false,
      },
    },
    transform(x, positions, params, side) {
      const omega = Array.from({ length: D }, (_, c) => base ** (-c / D));
      const turned = anglesOf(positions, omega); // (T,D)
      const phase = tf.clipByValue(param(params, PHASE), -TURN, 0);
      const angle = side === "key" ? turned : tf.sub(turned, tf.reshape(phase, [H, 1, D])); // (H,T,D)
      const size = tf.softplus(x);
      const [cos, sin] = [materialized(tf.cos(angle)), materialized(tf.sin(angle))];
      return tf.concat([tf.mul(size, cos), tf.mul(size, sin)], 3) as tf.Tensor4D;
    },
  }),
});
