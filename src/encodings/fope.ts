/**
 * FoPE: each pair of columns turns by a sum of frequencies instead of one,
 *
 *     cos_m(p) = Σ_k (δ_km + a_km)·cos(p·ω_k)     sin_m(p) = Σ_k (δ_km + b_km)·sin(p·ω_k)     ω_k = base^(−2k/D)
 *
 * over the frequencies that turn at least once in L_max; the others are 0, so that their columns pass
 * as they are: what never turned in training has nothing to say further out. a and b stand for what
 * later layers mix into a frequency anyway. They are drawn once, N(0, σ²/K) for K frequencies, by no
 * seed, and not trained, as in the authors' code.
 *
 * q_i·k_j depends on more than i − j, so it is not relative. Departures from the authors' code: all
 * heads and blocks share a and b; sums are not divided by Σ_k (δ_km + a_km), which the paper does not
 * have; columns of frequency 0 pass, where the code has 1 for their sine too.
 *
 * Hua et al. 2024, "Fourier Position Embedding", arXiv:2412.17739.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { anglesOf } from "../tensor/angles.ts";
import { createRng } from "../tensor/rng.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";
import { rotate } from "./rope.ts";

export const fope = defineEncoding({
  kind: "fope",
  title: "FoPE",
  source: "Hua et al. 2024, arXiv:2412.17739",
  relative: false,
  config: z.strictObject({
    base: z.number().gt(1).max(1e12).default(10_000),
    /** σ: how much of the other frequencies each pair has. */
    spread: z.number().min(0).max(10).default(0.3),
  }),
  create({ base, spread }, { headWidth: D, context }) {
    const omega = Array.from({ length: D / 2 }, (_, k) => base ** ((-2 * k) / D));
    const kept = omega.filter((w) => w * context >= 2 * Math.PI);
    if (D % 2 !== 0 || kept.length === 0) {
      throw new InputError(
        `fope: heads of width ${D} have ${D % 2 === 0 ? "no pair that turns" : "columns that are not pairs to turn"} in model.context ${context}; ` +
          "choose an even width, and contexts of 7 tokens or more",
      );
    }
    const [cosines, sines] = [mixing("cos", kept.length, spread), mixing("sin", kept.length, spread)];
    return {
      transform(x, positions) {
        const angle = anglesOf(positions, kept); // (T,K)
        const still = tf.zeros([positions.shape[0], D / 2 - kept.length]);
        const cos = tf.matMul(tf.cos(angle), tf.tensor2d(cosines));
        const sin = tf.matMul(tf.sin(angle), tf.tensor2d(sines));
        return rotate(x, tf.concat([cos, tf.add(still, 1)], 1), tf.concat([sin, still], 1), "halves");
      },
    };
  },
});

/** δ_km + a_km, (K,K). */
function mixing(name: string, K: number, spread: number): number[][] {
  const rng = createRng(0, `fope/${name}`);
  const draw = () => (spread / Math.sqrt(K)) * rng.normal();
  return Array.from({ length: K }, (_, k) => Array.from({ length: K }, (_, m) => (k === m ? 1 : 0) + draw()));
}
