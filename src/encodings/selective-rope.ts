/**
 * Selective RoPE: queries and keys turn by angles that the tokens add up, not their positions,
 *
 *     Φ_t = Σ_{s ≤ t} ω ⊙ φ_s        φ_s = Σ_c κ_c ⊙ (W_up·W_down·x̂_{s−c})        ω_k = base^(−2k/D)
 *
 * so that scores depend on Φ_i − Φ_j, the sum over what stands after the key up to the query. x̂ is
 * the block's normalized input, each head's C/H columns of length 1; W has rank `rank`, and κ, of
 * each angle, is a causal convolution over `convolution` tokens.
 *
 * The paper defines it forwards in time, so bidirectional attention is refused. The positions of
 * tokens are never read. The variants of the authors' code with a gate or a bias on φ are left out.
 *
 * Movahedi et al. 2025, "Selective Rotary Position Embedding", arXiv:2511.17388, and its code.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { linear } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { requireCausal } from "./causal.ts";
import { defineEncoding } from "./encoding.ts";
import { rotate } from "./rope.ts";

const [DOWN, UP, KERNEL] = ["selective-rope.down", "selective-rope.up", "selective-rope.kernel"] as const;
/** Under the root of a length. */
const LEAST = 1e-6;

export const selectiveRope = defineEncoding({
  kind: "selective-rope",
  title: "Selective RoPE",
  source: "Movahedi et al. 2025, arXiv:2511.17388",
  relative: true,
  config: z.strictObject({
    base: z.number().gt(1).max(1e12).default(500_000),
    rank: z.int().positive().max(65_536).default(16),
    /** Tokens that an angle is made of, the last of them its own. */
    convolution: z.int().positive().max(64).default(4),
  }),
  create({ base, rank, convolution }, { heads: H, headWidth: D, width: C, causal }) {
    requirePairs(H, D, C, causal);
    const angles = (H * D) / 2;
    return {
      readsInputs: true,
      layerParams: {
        [DOWN]: { shape: [C, rank], init: normal(1 / Math.sqrt(C)) },
        [UP]: { shape: [rank, angles], init: normal(1 / Math.sqrt(rank)) },
        [KERNEL]: { shape: [convolution, angles], init: normal(1 / Math.sqrt(convolution)) },
      },
      transform(x, _positions, params, _side, { x: inputs }) {
        const [B, , T] = x.shape;
        const S = inputs.shape[1];
        const ofHeads = tf.reshape(unit(tf.reshape(inputs, [B, S, H, C / H])), [B, S, C]) as tf.Tensor3D;
        const low = linear(ofHeads, param<tf.Tensor2D>(params, DOWN));
        const mixed = convolved(linear(low, param<tf.Tensor2D>(params, UP)), param(params, KERNEL));
        const omega = Array.from({ length: D / 2 }, (_, k) => base ** ((-2 * k) / D));
        const steps = tf.mul(tf.reshape(mixed, [B, S, H, D / 2]), tf.tensor1d(omega));
        const sums = tf.cumsum(tf.transpose(steps, [0, 2, 3, 1]), 3); // (B,H,D/2,S): tfjs 4.22 has a gradient over the last axis alone
        const read = tf.slice(sums, [0, 0, 0, S - T], [-1, -1, -1, T]);
        const now = tf.reshape(tf.transpose(read, [0, 1, 3, 2]), [B * H, T, D / 2]);
        return rotate(spread(x, H), tf.cos(now), tf.sin(now), "halves");
      },
    };
  },
});

function requirePairs(H: number, D: number, C: number, causal: boolean): void {
  requireCausal(causal, "selective-rope: adds up angles of what came before");
  if (D % 2 !== 0 || C % H !== 0)
    throw new InputError(
      `selective-rope: ${H} heads of width ${D} in a width of ${C}; choose an even width of heads, and a model.width that ${H} divides`,
    );
}

/** Keys that several heads share, once for each: their angles differ. @returns (B,H,T,D) */
function spread(x: tf.Tensor4D, H: number): tf.Tensor4D {
  const [B, G, T, D] = x.shape;
  return G === H ? x : tf.reshape(tf.tile(tf.reshape(x, [B, G, 1, T * D]), [1, 1, H / G, 1]), [B, H, T, D]);
}

const unit = (x: tf.Tensor) => tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), LEAST)));

/** Σ_c κ_c ⊙ x_{s−c}, 0 before the first. @param x (B,S,N) @param kernel κ, the last row of the token itself, (K,N) */
function convolved(x: tf.Tensor3D, kernel: tf.Tensor): tf.Tensor3D {
  const [, S] = x.shape;
  const [K] = kernel.shape as [number];
  const padded = tf.pad(x, [
    [0, 0],
    [K - 1, 0],
    [0, 0],
  ]);
  const terms = Array.from({ length: K }, (_, c) =>
    tf.mul(tf.slice(padded, [0, c, 0], [-1, S, -1]), tf.slice(kernel, [c, 0], [1, -1])),
  );
  return terms.reduce((sum, term) => tf.add(sum, term)) as tf.Tensor3D;
}
