/**
 * Relative positions as vectors, added to keys and to values:
 *
 *     scores_ij = q_i·(k_j + a^K[j − i])/√D        z_i = Σ_j α_ij (v_j + a^V[j − i])
 *
 * Distances are clipped at ±window: a[n] = w[clip(n, −window, window)]. The two tables w^K and w^V
 * belong to a block and are shared by its heads, as the paper has it. A causal table holds the
 * distances −window … 0 only; "context" is the widest useful window, L_max − 1.
 *
 * No (T,S,D) tensor of vectors is made: q_i·w^K[n] is taken once for each of the window's distances
 * and then read at j − i, and the weights of keys at the same distance are summed before they meet
 * w^V.
 *
 * Departure: tables start at N(0, 1/D), which is neither the paper's (it names none) nor
 * tensor2tensor's initializer.
 *
 * Shaw, Uszkoreit and Vaswani 2018, "Self-Attention with Relative Position Representations",
 * arXiv:1803.02155, equations 3, 4 and section 3.2.
 */
import { z } from "zod";
import { linear } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { distancePlaces, placesOf } from "../tensor/places.ts";
import { tf } from "../tensor/tf.ts";
import { distanceTable, windowField } from "./distance-table.ts";
import { type AttentionState, defineEncoding } from "./encoding.ts";

const KEYS = "shaw.keys.weight";
const VALUES = "shaw.values.weight";

export const shaw = defineEncoding({
  kind: "shaw",
  title: "Shaw",
  source: "Shaw et al. 2018, arXiv:1803.02155, equations 3 and 4, section 3.2",
  relative: true,
  config: z.strictObject({
    /** The paper's k. */
    window: windowField,
    /** Which of a^K and a^V there are: the paper's table 3. */
    terms: z.enum(["both", "keys", "values"]).default("both"),
  }),
  create({ window, terms }, { context, headWidth: D, causal }) {
    const { reach, rows: P } = distanceTable(window, { context, causal });
    const table = { shape: [P, D], init: normal(1 / Math.sqrt(D)) };
    /** Rows of a table at the distances j − i. */
    const places = ({ positions }: AttentionState) => placesOf(distancePlaces(positions, reach, causal), P);
    return {
      layerParams: {
        ...(terms === "values" ? {} : { [KEYS]: table }),
        ...(terms === "keys" ? {} : { [VALUES]: table }),
      },
      ...(terms !== "values" && {
        bias(state) {
          const byDistance = linear(state.q, tf.transpose(param<tf.Tensor2D>(state.params, KEYS))); // (B,H,T,P)
          return tf.mul(state.scale, places(state).read(byDistance));
        },
      }),
      ...(terms !== "keys" && {
        values(state) {
          const byDistance = places(state).sum(state.weights); // (B,H,T,P)
          return linear(byDistance, param<tf.Tensor2D>(state.params, VALUES));
        },
      }),
    };
  },
});
