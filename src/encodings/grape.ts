/**
 * GRAPE-A: additive biases as a group acts, whose slope the key gates.
 *
 *     scores_ij = q_i·k_j/√D − (i − j)·ω_h·g_hj        g_hj = softplus(û_h·k_j/√D)
 *
 * ω_h = softplus(o_h)·m_h is learned and starts at ALiBi's slope m_h; û_h is u_h divided by its
 * length. A key decides how fast it fades, whatever stands between: forgetting's gates are of all
 * tokens on the way. With `gated: false` g is 1, which is ALiBi with learned slopes.
 *
 * The gate reads the key as the projection makes it. Read after a rotation by positions it would
 * depend on j itself and the bias on more than i − j (`test/encodings/grape.test.ts`). The paper
 * defines it for j ≤ i, so bidirectional attention is refused.
 *
 * Zhang et al. 2025, "Group Representational Position Encoding", arXiv:2512.07805, its key-gated case.
 */
import { z } from "zod";
import { normal, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { slopes } from "./alibi.ts";
import { requireCausal } from "./causal.ts";
import { defineEncoding } from "./encoding.ts";

const [OMEGA, GATE] = ["grape.omega", "grape.gate"] as const;
/** Under the root of a length. */
const LEAST = 1e-12;

export const grape = defineEncoding({
  kind: "grape",
  title: "GRAPE-A",
  source: "Zhang et al. 2025, arXiv:2512.07805, key-gated additive case",
  relative: true,
  config: z.strictObject({
    /** Whether keys gate the slope. */
    gated: z.boolean().default(true),
  }),
  create({ gated }, { heads: H, headWidth: D, causal }) {
    requireCausal(causal, "grape: fades what came before");
    return {
      layerParams: {
        [OMEGA]: { shape: [H], init: () => Math.log(Math.expm1(1)) },
        ...(gated && { [GATE]: { shape: [H, D], init: normal(1 / Math.sqrt(D)), decay: false } }),
      },
      bias({ params, k, positions: { query, key } }) {
        const distance = tf.relu(tf.sub(tf.expandDims(query, 1), tf.expandDims(key, 0))); // (T,S)
        const omega = tf.mul(tf.softplus(param(params, OMEGA)), tf.tensor1d(slopes(H)));
        const bias = tf.mul(tf.neg(distance), tf.reshape(omega, [H, 1, 1])); // (H,T,S)
        return gated ? tf.mul(bias, gates(k, param<tf.Tensor2D>(params, GATE))) : bias;
      },
    };
  },
});

/** softplus(û_h·k_j/√D), (B,H,1,S). */
function gates(k: tf.Tensor4D, u: tf.Tensor2D): tf.Tensor {
  const [H, D] = u.shape;
  const unit = tf.mul(u, tf.rsqrt(tf.add(tf.sum(tf.square(u), 1, true), LEAST)));
  const along = tf.sum(tf.mul(k, tf.reshape(unit, [H, 1, D])), 3); // (B,H,S)
  return tf.expandDims(tf.softplus(tf.div(along, Math.sqrt(D))), 2);
}
