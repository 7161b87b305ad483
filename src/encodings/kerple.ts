/**
 * KERPLE: a kernel of the distance that is conditionally positive definite, with parameters for
 * each head of each block.
 *
 *     log:    scores_ij = q_i·k_j/√D − r1·log(1 + r2·|i − j|)        r1, r2 > 0
 *     power:  scores_ij = q_i·k_j/√D − r1·|i − j|^r2                 r1 > 0, 0 < r2 < 2
 *
 * `inside` puts the kernel inside the 1/√D, as the paper has it; the authors' code, and the default
 * here, adds it outside. The kernel is symmetric, so under bidirectional attention, which the paper
 * does not try, it does not tell left from right.
 *
 * Departures: positive by softplus, and r2 of `power` below 2 by a sigmoid, where the code clamps
 * to [0.01, ∞) and [0.01, 2] at each forward pass and so loses the gradient there. Initial values
 * are the code's: r1 and r2 uniform in (0, 2) and (0, 1) for `log`, (0, 1) and (0, 2) for `power`,
 * at least 0.01.
 *
 * Chi et al. 2022, arXiv:2205.09921.
 */
import { z } from "zod";
import { type ParamSpec, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const R1 = "kerple.r1";
const R2 = "kerple.r2";
/** What the authors' code clamps to. */
const LEAST = 0.01;

export const kerple = defineEncoding({
  kind: "kerple",
  title: "KERPLE",
  source: "Chi et al. 2022, arXiv:2205.09921",
  relative: true,
  config: z.strictObject({
    variant: z.enum(["log", "power"]).default("log"),
    inside: z.boolean().default(false),
  }),
  create({ variant, inside }, { heads: H }) {
    const [most1, most2] = variant === "log" ? [2, 1] : [1, 2];
    return {
      layerParams: {
        [R1]: { shape: [H], init: uniform(most1, inverseSoftplus) },
        [R2]: { shape: [H], init: uniform(most2, variant === "log" ? inverseSoftplus : inverseTwiceSigmoid) },
      },
      bias({ params, positions: { query, key }, scale }) {
        const distance = tf.abs(tf.sub(tf.expandDims(query, 1), tf.expandDims(key, 0))); // (T,S)
        const ofHeads = (name: string) => tf.reshape(param(params, name), [H, 1, 1]);
        const r1 = tf.softplus(ofHeads(R1));
        const grown =
          variant === "log"
            ? tf.log1p(tf.mul(tf.softplus(ofHeads(R2)), distance))
            : power(distance, tf.mul(2, tf.sigmoid(ofHeads(R2)))); // (H,T,S)
        return tf.mul(tf.neg(inside ? tf.mul(scale, r1) : r1), grown);
      },
    };
  },
});

/**
 * distance^exponent with 0 at 0, by a logarithm that is finite there: the gradient by the exponent
 * is otherwise 0·∞.
 */
function power(distance: tf.Tensor, exponent: tf.Tensor): tf.Tensor {
  const apart = tf.greater(distance, 0);
  const logarithm = tf.log(tf.where(apart, distance, tf.onesLike(distance)));
  return tf.mul(tf.exp(tf.mul(exponent, logarithm)), tf.cast(apart, "float32"));
}

const uniform =
  (most: number, inverse: (r: number) => number): ParamSpec["init"] =>
  (rng) =>
    inverse(Math.max(LEAST, most * rng.uniform()));

/** x with log(1 + eˣ) = r. */
const inverseSoftplus = (r: number) => Math.log(Math.expm1(r));
/** x with 2/(1 + e⁻ˣ) = r. */
const inverseTwiceSigmoid = (r: number) => Math.log(r / (2 - r));
