/**
 * Forgetting attention: each token forgets, by a gate of its own, a part of all that came before it.
 *
 *     f_t = σ(x_t·w + b), one gate a head        scores_ij = q_i·k_j/√D + Σ_{l=j+1..i} log f_l
 *
 * A bias by distance, like ALiBi's, whose slope is the content's. x is the block's normalized
 * input, from which its queries and keys are made too. The sum is the difference of two cumulative
 * sums; past 512 tokens they begin anew at each block of 128, for a sum from the first token on
 * grows until float32 loses the digits that two neighbours differ in (3e-3 at 16,384 tokens). With
 * `dependent: false` f = σ(b) is the same at every token: a learned slope for each head of each
 * block.
 *
 * Forgetting runs forwards in time, so bidirectional attention is refused. The positions of tokens
 * are never read: a shift, or any scheme, changes nothing. Gates start near ½, with b = 0. The
 * paper's "Pro" block, with output gates and normalized keys, is no part of it.
 *
 * Lin, Nikishin, He and Courville 2025, "Forgetting Transformer", arXiv:2503.02130, section 3.
 */
import { z } from "zod";
import { linear } from "../tensor/ops.ts";
import { normal, param, zeros } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { requireCausal } from "./causal.ts";
import { defineEncoding } from "./encoding.ts";

const WEIGHT = "forgetting.weight";
const BIAS = "forgetting.bias";
const BLOCK = 128;
/** Shorter contexts keep the one sum, and their bits. */
const ONE_SUM = 512;

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
    requireCausal(causal, "forgetting: forgets what came before");
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
        const byToken = tf.transpose(logs, [0, 2, 1]) as tf.Tensor3D; // (B,H,S)
        const between = S > ONE_SUM ? sumsByBlock : sumsBetween;
        return between(byToken, first, positions.query.shape[0]);
      },
    };
  },
});

/**
 * Σ_{l=j+1..i} x_l of queries i and keys j; of keys past the query it is less the sum between them,
 * or any finite number.
 *
 * @param x (B,H,S)
 * @returns (B,H,T,S)
 */
type Sums = (x: tf.Tensor3D, first: number, T: number) => tf.Tensor;

const sumsBetween: Sums = (x, first, T) => {
  const sums = tf.cumsum(x, 2);
  const byQuery = tf.slice(sums, [0, 0, first], [-1, -1, T]);
  return tf.sub(tf.expandDims(byQuery, 3), tf.expandDims(sums, 2));
};

/**
 * The same, as what the query's block has up to it, whole blocks, and less what the key's block has
 * up to the key.
 */
const sumsByBlock: Sums = (x, first, T) => {
  const [B, H, S] = x.shape;
  const N = Math.ceil(S / BLOCK);
  const padding: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, N * BLOCK - S],
  ];
  const within = tf.cumsum(tf.reshape(tf.pad(x, padding), [B, H, N, BLOCK]), 3);
  const byQuery = tf.slice(tf.reshape(within, [B, H, N * BLOCK]), [0, 0, first], [-1, -1, T]);
  const blockOf = Array.from({ length: T }, (_, i) => Math.floor((first + i) / BLOCK));
  const whole = tf.gather(wholeBlocks(within), tf.tensor1d(blockOf, "int32"), 2); // (B,H,T,N)
  const upTo = tf.reshape(tf.add(tf.expandDims(byQuery, 3), whole), [B, H, T, N, 1]);
  const sums = tf.sub(upTo, tf.reshape(within, [B, H, 1, N, BLOCK])); // (B,H,T,N,BLOCK)
  return tf.slice(tf.reshape(sums, [B, H, T, N * BLOCK]), [0, 0, 0, 0], [-1, -1, -1, S]);
};

/**
 * Totals of the blocks m … n − 1, each added up from its own m; a difference of sums from block 0
 * on would lose what it is to save.
 *
 * @param within sums of each block's tokens, (B,H,N,BLOCK)
 * @returns (B,H,n,m)
 */
function wholeBlocks(within: tf.Tensor): tf.Tensor {
  const N = within.shape[2] as number;
  const totals = tf.squeeze(tf.slice(within, [0, 0, 0, BLOCK - 1], [-1, -1, -1, 1]), [3]); // (B,H,N)
  const index = tf.range(0, N, 1, "int32");
  const from = tf.cast(tf.greaterEqual(tf.expandDims(index, 0), tf.expandDims(index, 1)), "float32"); // (m,l)
  const sums = tf.cumsum(tf.mul(tf.expandDims(totals, 2), from), 3, true); // (B,H,m,n)
  return tf.transpose(sums, [0, 1, 3, 2]);
}
