/**
 * xPos: RoPE whose pairs also shrink with distance, the fast ones most.
 *
 *     q_i ← R(i)·q_i·ζ^((i − c)/B)     k_j ← R(j)·k_j·ζ^(−(j − c)/B)     ζ_k = (2k/D + γ)/(1 + γ), k = 0 … D/2 − 1, γ = 0.4
 *
 * so that pair k of q_i·k_j carries ζ_k^((i − j)/B) ≤ 1 for every key at or before the query, and
 * scores depend on i − j alone. Pairs are interleaved and ω_k = base^(−2k/D), as in torchscale.
 * Causal only: to the right of the query, scores would grow without bound.
 *
 * The centre c drops out of the scores and is there for float32. torchscale takes the middle of
 * each call's positions, which differs between a query read alone and the keys before it; here it
 * is fixed at 8·L_max, the middle of the longest contexts that are probed. Exponents may reach ±40
 * (float32 ends at 88), with B = L_max/2 at some 24·L_max: positions from there on are refused, for
 * scales that stopped falling would make scores depend on more than i − j. A B below L_max/4, which
 * would reach that at position 0, is refused too. Masked scores may be as large as e^80, which the
 * mask's −1e9 does not hide, so `bias` lowers them by twice their size.
 *
 * Departure: B (`scaleBase`) is 512 as published, for contexts of 1024; "context", the default,
 * keeps that proportion, L_max/2.
 *
 * Sun et al. 2023, arXiv:2212.10554.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { anglesOf, pairsOf } from "../tensor/angles.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding, POSITIONS } from "./encoding.ts";
import { rotate } from "./rope.ts";

const GAMMA = 0.4;
const MOST_EXPONENT = 40;
/** L_max times this is the middle of the longest contexts that are probed. */
const CENTRE = 8;

export const xpos = defineEncoding({
  kind: "xpos",
  title: "xPos",
  source: "Sun et al. 2023, arXiv:2212.10554",
  relative: true,
  config: z.strictObject({
    base: z.number().gt(1).max(1e12).default(10_000),
    /** B, in positions. */
    scaleBase: z.union([z.number().positive().max(POSITIONS), z.literal("context")]).default("context"),
  }),
  create({ base, scaleBase }, { headWidth: D, context, causal }) {
    if (!causal) {
      throw new InputError(
        "xpos: scores of keys to the right of the query grow without bound, so model.attention bidirectional is not defined; " +
          'use causal, or the encoding "rope"',
      );
    }
    if (D % 2 !== 0) {
      throw new InputError(
        `xpos: heads of width ${D} are not pairs of columns; choose model.width and model.heads with an even quotient`,
      );
    }
    const B = scaleBase === "context" ? context / 2 : scaleBase;
    const steepest = Math.log((1 + GAMMA) / GAMMA); // −log ζ_0
    const leastBase = (CENTRE * context * steepest) / MOST_EXPONENT;
    if (B < leastBase) {
      throw new InputError(
        `xpos: model.position.scaleBase ${B} makes scales fall too fast for float32 in contexts of ${context}; ` +
          `choose ${Math.ceil(leastBase)} or more, about a quarter of model.context`,
      );
    }
    const pairs = Array.from({ length: D / 2 }, (_, k) => (2 * k) / D);
    const omega = pairs.map((p) => base ** -p);
    return {
      maxPositions: Math.min(POSITIONS, CENTRE * context + Math.floor((MOST_EXPONENT * B) / steepest)),
      pairs: () => pairsOf(omega, "interleaved"),
      transform(x, positions, _params, side) {
        const table = (values: number[]) => tf.tensor2d(values, [1, D / 2]);
        const angle = anglesOf(positions, omega); // (T,D/2)
        const sign = side === "query" ? 1 : -1;
        const rate = table(pairs.map((p) => (sign * Math.log((p + GAMMA) / (1 + GAMMA))) / B));
        const exponent = tf.mul(tf.expandDims(tf.sub(positions, CENTRE * context), 1), rate);
        // Within ±40 already; left out, XLA would round other last bits than in models that were
        // trained with it.
        const size = tf.exp(tf.clipByValue(exponent, -MOST_EXPONENT, MOST_EXPONENT));
        return rotate(x, tf.mul(size, tf.cos(angle)), tf.mul(size, tf.sin(angle)), "interleaved");
      },
      bias({ scores, first }) {
        const [, , T, S] = scores.shape;
        const query = tf.expandDims(tf.range(first, first + T, 1, "int32"), 1);
        const later = tf.cast(tf.less(query, tf.expandDims(tf.range(0, S, 1, "int32"), 0)), "float32");
        return tf.mul(tf.abs(scores), tf.mul(-2, later)); // (B,H,T,S)
      },
    };
  },
});
