/**
 * PaTH: between a key and a query stands the product of a reflection of every token on the way,
 *
 *     scores_ij = q_i·H_i·H_{i−1} ⋯ H_{j+1}·k_j / √D        H_t = I − β_t·w_t·w_tᵀ
 *
 * w_t a unit vector and β_t = 2σ(·) a number of each head, both from the block's input: RoPE's
 * rotations by fixed angles, made to depend on what is passed. So state can be tracked along the
 * way, which fixed rotations cannot.
 *
 * The product is never formed. With N = I + L, L the part below the diagonal of β_t·w_t·w_s, it is
 *
 *     q_i·k_j − [(q·wᵀ)_{a ≤ i} · N⁻¹ · (β·w·kᵀ)_{b > j}]_ij        (the paper's UT transform)
 *
 * and its second term a bias. N⁻¹ is made of blocks that double, [[A,0],[C,B]]⁻¹ having −B⁻¹·C·A⁻¹
 * below: log₂ S products of S×S matrices, none of them a power of L, which would overflow.
 *
 * The paper defines it under a causal mask, so bidirectional attention is refused. The positions of
 * tokens are never read. Departures: w has no short convolution before it, and no forget gate
 * stands beside it (the paper's PaTH-FoX).
 *
 * Yang et al. 2025, "PaTH Attention", arXiv:2505.16381.
 */
import { z } from "zod";
import { linear } from "../tensor/ops.ts";
import { normal, param, zeros } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { requireCausal } from "./causal.ts";
import { defineEncoding } from "./encoding.ts";

const [DOWN, UP, WEIGHT, BIAS] = ["path.down", "path.up", "path.beta.weight", "path.beta.bias"] as const;
/** Under the root of a length, as in the authors' code. */
const LEAST = 1e-6;

export const path = defineEncoding({
  kind: "path",
  title: "PaTH",
  source: "Yang et al. 2025, arXiv:2505.16381",
  relative: true,
  config: z.strictObject({
    /** Of the two matrices that make w of the block's input. */
    rank: z.int().positive().max(65_536).default(32),
  }),
  create({ rank }, { heads: H, headWidth: D, width: C, causal }) {
    requireCausal(causal, "path: multiplies what stands between a key and a later query");
    return {
      layerParams: {
        [DOWN]: { shape: [C, rank], init: normal(1 / Math.sqrt(C)) },
        [UP]: { shape: [rank, H * D], init: normal(1 / Math.sqrt(rank)) },
        [WEIGHT]: { shape: [C, H], init: normal(1 / Math.sqrt(C)) },
        [BIAS]: { shape: [H], init: zeros },
      },
      bias({ params, x, q, k, first, scale }) {
        const [B, S] = x.shape;
        const T = q.shape[2];
        const byHead = (y: tf.Tensor) => tf.transpose(tf.reshape(y, [B, S, H, -1]), [0, 2, 1, 3]);
        const low = linear(x, param<tf.Tensor2D>(params, DOWN));
        const w = unit(byHead(linear(low, param<tf.Tensor2D>(params, UP)))); // (B,H,S,D)
        const logits = linear(x, param<tf.Tensor2D>(params, WEIGHT), param<tf.Tensor1D>(params, BIAS));
        const beta = byHead(tf.mul(2, tf.sigmoid(logits))); // (B,H,S,1)
        const scaled = tf.mul(beta, w);
        const below = tf.mul(
          tf.matMul(scaled, w, false, true),
          where(S, S, 0, (t, s) => tf.greater(t, s)),
        );
        const upTo = tf.mul(
          tf.matMul(q, w, false, true),
          where(T, S, first, (i, a) => tf.greaterEqual(i, a)),
        );
        const after = tf.mul(
          tf.matMul(scaled, k, false, true),
          where(S, S, 0, (b, j) => tf.greater(b, j)),
        );
        const passed = tf.matMul(tf.matMul(upTo, inverse(below)), after); // (B,H,T,S)
        return tf.mul(-scale, passed);
      },
    };
  },
});

const unit = (x: tf.Tensor) => tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), LEAST)));

/** 1 where a test of row and column holds, (rows,columns); rows count from `first`. */
function where(
  rows: number,
  columns: number,
  first: number,
  test: (row: tf.Tensor, column: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const row = tf.expandDims(tf.range(first, first + rows, 1, "int32"), 1);
  const column = tf.expandDims(tf.range(0, columns, 1, "int32"), 0);
  return tf.cast(test(row, column), "float32");
}

/** (I + L)⁻¹. @param below L, zero on the diagonal and above, (B,H,S,S) */
function inverse(below: tf.Tensor): tf.Tensor {
  const S = below.shape[2] as number;
  const block = (index: tf.Tensor, size: number) => tf.floor(tf.div(tf.cast(index, "float32"), size));
  const odd = (index: tf.Tensor) => tf.mod(index, 2);
  let whole = tf.add(tf.mul(0, below), tf.eye(S)); // of blocks of one token: 1
  for (let size = 1; size < S; size *= 2) {
    const between = where(S, S, 0, (t, s) =>
      tf.logicalAnd(
        tf.equal(block(t, 2 * size), block(s, 2 * size)),
        tf.greater(odd(block(t, size)), odd(block(s, size))),
      ),
    );
    const joined = tf.matMul(tf.matMul(whole, tf.mul(below, between)), whole);
    whole = tf.sub(whole, joined);
  }
  return whole;
}
