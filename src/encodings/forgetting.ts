/**
 * Forgetting attention: each token forgets, by a gate of its own, a part of all that came before it.
 *
 *     f_t = σ(x_t·w + b), one gate a head        scores_ij = q_i·k_j/√D + Σ_{l=j+1..i} log f_l
 *
 * A bias by distance, like ALiBi's, whose slope is the content's. x is the block's normalized input, from which its queries and keys are
 * made too. The sum is the difference of two cumulative sums. With `dependent: false` f = σ(b) is the same at every token: a learned
 * slope for each head of each block.
 *
 * Forgetting runs forwards in time, so bidirectional attention is refused. The positions of tokens are never read: a shift, or any
 * scheme, changes nothing. Gates start near ½, with b = 0. The paper's "Pro" block, with output gates and normalized keys, is no part of it.
 *
 * Lin, Nikishin, He and Courville 2025, "Forgetting Transformer", arXiv:2503.02130, section 3.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { linear } from "../tensor/ops.ts";
import { normal, param, zeros } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const WEIGHT = "forgetting.weight";
const BIAS = "forgetting.bias";

export const forgetting = defineEncoding({
  kind: "forgetting",
  title: "Forgetting",
  source: "Lin et al. 2025, arXiv:2503.02130, section 3",
  relative: true,
  config: z.strictObject({
    /** Whether gates look at the token. */
    dependent: z.boolean().default(true),
  }),
  create({ dependent }, { heads: H, width: C, causal }) {
    if (!causal) {
      throw new InputError(
        'forgetting: forgets what came before, which model.attention "bidirectional" has no meaning for; set model.attention=causal',
      );
    }
    return {
      layerParams: {
        ...(dependent && { [WEIGHT]: { shape: [C, H], init: normal(1 / Math.sqrt(C)) } }),
        [BIAS]: { shape: [H], init: zeros },
      },
      bias({ params, x, positions, first }) {
        const b = param<tf.Tensor1D>(params, BIAS);
        const [B, S] = x.shape;
        const gates = dependent
          ? linear(x, param<tf.Tensor2D>(params, WEIGHT), b)
          : tf.add(tf.zeros([B, S, H]), b); // (B,S,H), before σ
        const logs = tf.neg(tf.softplus(tf.neg(gates))); // log σ; the gradient of tf.logSigmoid fails in tfjs 4.22
        const forgotten = tf.cumsum(tf.transpose(logs, [0, 2, 1]), 2); // (B,H,S)
        const byQuery = tf.slice(forgotten, [0, 0, first], [-1, -1, positions.query.shape[0]]);
        return tf.sub(tf.expandDims(byQuery, 3), tf.expandDims(forgotten, 2)); // (B,H,T,S)
      },
    };
  },
});
