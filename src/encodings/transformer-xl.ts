/**
 * Transformer-XL's relative positions: a sinusoid of the distance, and two vectors in place of the
 * query's own position.
 *
 *     scores_ij = (q_i·k_j + q_i·W_R R_{i−j} + u·k_j + v·W_R R_{i−j}) / √D        terms (a), (b), (c), (d)
 *     R_n = (sin(n·ω_0), …, sin(n·ω_{K−1}), cos(n·ω_0), …)        ω_k = base^(−2k/C), K = ⌈C/2⌉
 *
 * The whole sum is scaled. W_R belongs to a block, u and v (one of each a head) to all blocks as in
 * the paper's equation; `untied` gives each block its own, the authors' `untie_r`. Published for
 * causal attention; sin(−n·ω) = −sin(n·ω), so that it also tells left from right in bidirectional
 * attention, as XLNet uses it. Defined at every distance and every real position; the authors'
 * `clamp_len` is left out.
 *
 * The authors shift a matrix of products by whole distances. Here sin(ω(i − j)) and cos(ω(i − j))
 * are expanded instead,
 *
 *     a·sin(ω(i−j)) + b·cos(ω(i−j)) = sin(ωj)·(b·sin(ωi) − a·cos(ωi)) + cos(ωj)·(a·sin(ωi) + b·cos(ωi)),
 *
 * one product of (B,H,T,2K) and (2K,S), exact for positions of any scheme.
 *
 * Dai et al. 2019, "Transformer-XL", arXiv:1901.02860, section 3.3.
 */
import { z } from "zod";
import { anglesOf } from "../tensor/angles.ts";
import { linear, materialized } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const PROJECTION = "transformer-xl.r.weight";
const CONTENT = "transformer-xl.u";
const DISTANCE = "transformer-xl.v";

export const transformerXl = defineEncoding({
  kind: "transformer-xl",
  title: "Transformer-XL",
  source: "Dai et al. 2019, arXiv:1901.02860, section 3.3",
  relative: true,
  config: z.strictObject({
    base: z.number().gt(1).max(1e12).default(10_000),
    /** Whether each block has its own u and v. */
    untied: z.boolean().default(false),
  }),
  create({ base, untied }, { heads: H, width: C, headWidth: D }) {
    const K = Math.ceil(C / 2);
    const omega = Array.from({ length: K }, (_, k) => base ** ((-2 * k) / C));
    const vector = { shape: [H, D], init: normal(1 / Math.sqrt(C)), decay: false }; // biases, though of two axes
    const vectors = { [CONTENT]: vector, [DISTANCE]: vector };
    return {
      ...(untied ? {} : { params: vectors }),
      layerParams: {
        [PROJECTION]: { shape: [2 * K, H * D], init: normal(1 / Math.sqrt(2 * K)) },
        ...(untied ? vectors : {}),
      },
      bias({ params, positions, q, k, scale }) {
        // From the first key: distances stay as they are, and angles small.
        const origin = tf.slice(positions.key, 0, 1);
        const angles = (at: tf.Tensor1D) => anglesOf(tf.sub(at, origin), omega);
        const perHead = (name: string) => tf.reshape(param(params, name), [1, H, 1, D]);
        const content = tf.transpose(tf.sum(tf.mul(k, perHead(CONTENT)), 3, true), [0, 1, 3, 2]); // (B,H,1,S)
        const moved = tf.add(q, perHead(DISTANCE)) as tf.Tensor4D;
        const [a, b] = wavesOf(moved, param<tf.Tensor2D>(params, PROJECTION)); // (B,H,T,K) each
        const [sin, cos] = sinesOf(angles(positions.query)); // (T,K)
        const turned = tf.concat(
          [tf.sub(tf.mul(b, sin), tf.mul(a, cos)), tf.add(tf.mul(a, sin), tf.mul(b, cos))],
          3,
        ); // (B,H,T,2K)
        const table = tf.concat(sinesOf(angles(positions.key)), 1) as tf.Tensor2D; // (S,2K)
        return tf.mul(scale, tf.add(content, linear(turned, tf.transpose(table))));
      },
    };
  },
});

const sinesOf = (angle: tf.Tensor): [tf.Tensor, tf.Tensor] => [
  materialized(tf.sin(angle)),
  materialized(tf.cos(angle)),
];

/**
 * How much each query has of each wave: W_Rᵀ of its head applied to it.
 *
 * @param x (B,H,T,D)
 * @param weight (2K,C), sines before cosines
 * @returns of sines and of cosines, (B,H,T,K) each
 */
function wavesOf(x: tf.Tensor4D, weight: tf.Tensor2D): [tf.Tensor4D, tf.Tensor4D] {
  const [B, H, T, D] = x.shape;
  const K = weight.shape[0] / 2;
  const heads = tf.transpose(tf.reshape(weight, [2 * K, H, D]), [1, 2, 0]); // (H,D,2K)
  const rows = tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [H, B * T, D]);
  const both = tf.reshape(tf.matMul(rows, heads), [H, B, T, 2, K]);
  return tf.unstack(tf.transpose(both, [3, 1, 0, 2, 4]), 0) as [tf.Tensor4D, tf.Tensor4D];
}
