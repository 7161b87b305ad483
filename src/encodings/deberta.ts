/**
 * DeBERTa's disentangled attention: content meets content, content meets distance, and distance
 * meets content.
 *
 *     scores_ij = (q_i·k_j + q_i·K^r[δ(i,j)] + k_j·Q^r[δ(i,j)]) / √(3D)        K^r = P·W_{k,r}    Q^r = P·W_{q,r}
 *     δ(i,j) = clip(i − j + window, 0, 2·window − 1)
 *
 * The paper's equation 4 writes Q^r[δ(j,i)]; its authors' code, and Hugging Face's, read δ(i,j)
 * there too, and this follows the code. With n of the two added terms the scale is 1/√((1 + n)D).
 * P, of 2·window rows, is shared by all blocks, its projections belong to a block and are not those
 * of content (v2's `share_att_key` is off). Causal attention, for which it was not published, never
 * reads the rows of negative distances, so that table has the rows of 0 … window − 1 alone.
 * "context" is a window of L_max.
 *
 * Departures: P starts at N(0, 1), the size that v2's layer normalization gives it. The absolute
 * positions of the enhanced mask decoder (section 3.2) and v2's logarithmic buckets are left out.
 *
 * He, Liu, Gao and Chen 2021, "DeBERTa", arXiv:2006.03654, section 3.1, equations 2 to 4.
 */
import { z } from "zod";
import { linear } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { placesOf } from "../tensor/places.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const TABLE = "deberta.rel.weight";
const KEYS = "deberta.pos_key.weight";
const QUERIES = "deberta.pos_query.weight";

export const deberta = defineEncoding({
  kind: "deberta",
  title: "DeBERTa",
  source: "He et al. 2021, arXiv:2006.03654, section 3.1; p2c as in the authors' code",
  relative: true,
  config: z.strictObject({
    /** k, past which distances share a row. The default is a quarter of the default L_max. */
    window: z.union([z.int().positive().max(65_536), z.literal("context")]).default(8),
    /** Content to position, position to content: the paper's ablation. */
    terms: z.enum(["both", "c2p", "p2c"]).default("both"),
  }),
  create({ window, terms }, { context, heads: H, width: C, headWidth: D, causal }) {
    const reach = window === "context" ? context : window;
    const P = causal ? reach : 2 * reach;
    const projection = { shape: [C, H * D], init: normal(1 / Math.sqrt(C)) };
    return {
      scale: 1 / Math.sqrt((terms === "both" ? 3 : 2) * D),
      params: { [TABLE]: { shape: [P, C], init: normal(1) } },
      layerParams: {
        ...(terms === "p2c" ? {} : { [KEYS]: projection }),
        ...(terms === "c2p" ? {} : { [QUERIES]: projection }),
      },
      bias({ params, positions: { query, key }, q, k, scale }) {
        const distance = tf.sub(tf.expandDims(query, 1), tf.expandDims(key, 0)); // (T,S) i − j
        const row = tf.clipByValue(tf.add(distance, P - reach), 0, P - 1) as tf.Tensor2D;
        const table = param<tf.Tensor2D>(params, TABLE);
        /** x·(P·W)ᵀ of each head, (B,H,·,P). */
        const byRow = (x: tf.Tensor4D, name: string) =>
          timesHeads(x, linear(table, param<tf.Tensor2D>(params, name)), H);
        const c2p = terms !== "p2c" && placesOf(row, P).read(byRow(q, KEYS));
        const p2c = // of each key for its queries, (B,H,S,T), then turned
          terms !== "c2p" &&
          tf.transpose(placesOf(tf.transpose(row), P).read(byRow(k, QUERIES)), [0, 1, 3, 2]);
        const sum = c2p && p2c ? tf.add(c2p, p2c) : ((c2p || p2c) as tf.Tensor); // there is one
        return tf.mul(scale, sum);
      },
    };
  },
});

/**
 * Products of each head's vectors with that head's part of each row.
 *
 * @param x (B,H,T,D)
 * @param table (P,C)
 * @returns (B,H,T,P)
 */
function timesHeads(x: tf.Tensor4D, table: tf.Tensor2D, H: number): tf.Tensor4D {
  const [B, , T, D] = x.shape;
  const P = table.shape[0];
  const parts = tf.transpose(tf.reshape(table, [P, H, D]), [1, 2, 0]); // (H,D,P)
  const rows = tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [H, B * T, D]);
  return tf.transpose(tf.reshape(tf.matMul(rows, parts), [H, B, T, P]), [1, 0, 2, 3]) as tf.Tensor4D;
}
