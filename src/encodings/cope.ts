/**
 * Contextual positions: how far a key is behind a query is counted in gates that the two of them open.
 *
 *     g_ij = σ(q_i·k_j/√D)        p_ij = min(Σ_{l=j..i} g_il, positions − 1)        scores_ij = q_i·k_j/√D + q_i·e[p_ij]
 *
 * The sum runs back from the query and includes the key's own gate, so p_ii = g_ii is not 0. e[p]
 * between two whole numbers is the interpolation of e[⌊p⌋] and e[⌈p⌉]. Gates of keys past the query
 * are closed by the causal mask; the count runs backwards only, so bidirectional attention is
 * refused. "context" is L_max vectors, e[0] … e[L_max − 1], shared by the heads of a block.
 *
 * The paper's equation leaves out 1/√D; its listing has it in the gates and not in q_i·e, which is
 * the default here. `inside` scales q_i·e too. The positions of tokens are never read: a shift, or
 * any scheme, changes nothing.
 *
 * Departure: e starts at N(0, 1/D), where the listing has zeros, from which gates get no gradient.
 *
 * Golovneva, Wang, Weston and Sukhbaatar 2024, "Contextual Position Encoding", arXiv:2405.18719, section 4.
 */
import { z } from "zod";
import { linear } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { requireCausal } from "./causal.ts";
import { defineEncoding } from "./encoding.ts";

const TABLE = "cope.weight";

export const cope = defineEncoding({
  kind: "cope",
  title: "CoPE",
  source: "Golovneva et al. 2024, arXiv:2405.18719, section 4",
  relative: true,
  config: z.strictObject({
    /** Vectors, the last of them for all that is further; the authors' `npos_max`. */
    positions: z.union([z.int().min(2).max(65_536), z.literal("context")]).default("context"),
    inside: z.boolean().default(false),
  }),
  create({ positions, inside }, { context, headWidth: D, causal }) {
    requireCausal(causal, "cope: counts gates backwards from the query");
    const P = positions === "context" ? Math.max(2, context) : positions;
    return {
      layerParams: { [TABLE]: { shape: [P, D], init: normal(1 / Math.sqrt(D)) } },
      bias({ params, q, scores, scale }) {
        const gates = tf.sigmoid(scores); // 0 where masked
        const passed = tf.cumsum(gates, 3, false, true); // (B,H,T,S): from each key on
        const place = tf.minimum(passed, P - 1);
        const byPlace = linear(q, tf.transpose(param<tf.Tensor2D>(params, TABLE))); // (B,H,T,P)
        const read = interpolate(byPlace, place as tf.Tensor4D);
        return inside ? tf.mul(scale, read) : read;
      },
    };
  },
});

/** y[…,p] = x[…,p + step], 0 where there is none. */
function shifted(x: tf.Tensor4D, step: 1 | -1): tf.Tensor4D {
  const from = step === 1 ? 1 : 0;
  const kept = tf.slice(x, [0, 0, 0, from], [-1, -1, -1, x.shape[3] - 1]);
  return tf.pad(kept, [
    [0, 0],
    [0, 0],
    [0, 0],
    [1 - from, from],
  ]);
}

/**
 * y[b,h,i,j] = x[b,h,i] read at the real-valued place at[b,h,i,j], with gradients of both.
 *
 * With a gradient of its own, for that of `gather` ends in its whole-number indices, which come
 * from gates here.
 *
 * @param x (B,H,T,P)
 * @param at (B,H,T,S), in [0, P − 1]
 * @returns (B,H,T,S)
 */
function interpolate(x: tf.Tensor4D, at: tf.Tensor4D): tf.Tensor4D {
  const [B, H, T, P] = x.shape;
  const op = tf.customGrad((...inputs) => {
    const [table, place, save] = inputs as [tf.Tensor4D, tf.Tensor4D, (tensors: tf.Tensor[]) => void];
    const floor = tf.minimum(tf.floor(place), P - 2); // so that there is a next one
    const fraction = tf.sub(place, floor);
    // Whole numbers, since float32 ends at 2²⁴.
    const row = tf.mul(tf.range(0, B * H * T, 1, "int32"), tf.scalar(P, "int32"));
    const index = tf.reshape(tf.add(tf.reshape(row, [B, H, T, 1]), tf.cast(floor, "int32")), [-1]);
    const differences = tf.sub(shifted(table, 1), table);
    const pairs = tf.gather(tf.reshape(tf.stack([table, differences], 4), [-1, 2]), index);
    const [low, slope] = tf.unstack(tf.reshape(pairs, [...at.shape, 2]), 4) as [tf.Tensor, tf.Tensor];
    save([index, fraction, slope]);
    return {
      value: tf.add(low, tf.mul(fraction, slope)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => interpolateGradient(x, dy, saved),
    };
  });
  return op(x, at) as tf.Tensor4D;
}

/** What falls to ⌊place⌋ and what to the next, added up in one pass. */
function interpolateGradient(x: tf.Tensor4D, dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [index, fraction, slope] = saved as [tf.Tensor1D, tf.Tensor, tf.Tensor];
  const upper = tf.mul(dy, fraction);
  const pairs = tf.reshape(tf.stack([tf.sub(dy, upper), upper], 4), [-1, 2]);
  const sums = tf.reshape(tf.unsortedSegmentSum(pairs, index, x.size), [...x.shape, 2]);
  const [low, high] = tf.unstack(sums, 4) as [tf.Tensor4D, tf.Tensor4D];
  return [tf.add(low, shifted(high, -1)), tf.mul(dy, slope)];
}
