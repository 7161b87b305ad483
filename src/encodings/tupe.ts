/**
 * TUPE: positions meet positions through projections of their own, untied from those of tokens.
 *
 *     scores_ij = (q_i·k_j + (p_i·U_Q)·(p_j·U_K)) / √(2D)   [+ b[clip(j − i, ±window)]]
 *
 * p is a table of L_max rows; it, U_Q and U_K (one D × C part a head), and b are shared by all
 * blocks, as in the paper. Without b it is TUPE-A, the default; with `relativeBias` TUPE-R, whose b
 * is a table by clipped distance as in the paper's equation (the authors' code has T5's buckets).
 * With b or without, a shift changes the scores: p is absolute.
 *
 * Rows exist for positions 0 … L_max − 1 only; `beyond` says what is read past them, as for
 * `learned`, but for `interpolate`, which depends on the whole context where attention may see a
 * part of it: the scheme `interpolated` does the same.
 *
 * Departures: the special treatment of [CLS] (section 3.2) is left out, since no token here stands
 * for a whole sequence. p starts at N(0, 1), the size that layer normalization gives it in the
 * authors' code.
 *
 * Ke, He and Liu 2021, "Rethinking Positional Encoding in Language Pre-training", arXiv:2006.15595,
 * section 3.1.
 */
import { z } from "zod";
import { linear, rows } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { distancePlaces } from "../tensor/places.ts";
import { tf } from "../tensor/tf.ts";
import { distanceTable, windowField } from "./distance-table.ts";
import { defineEncoding } from "./encoding.ts";
import { beyondPolicies, tableRows } from "./learned.ts";

const TABLE = "tupe.weight";
const QUERIES = "tupe.query.weight";
const KEYS = "tupe.key.weight";
const BIAS = "tupe.bias.weight";

export const tupe = defineEncoding({
  kind: "tupe",
  title: "TUPE",
  source: "Ke et al. 2021, arXiv:2006.15595, section 3.1",
  relative: false,
  config: z.strictObject({
    beyond: z.enum(beyondPolicies).exclude(["interpolate"]).default("throw"),
    relativeBias: z.boolean().default(false),
    /** Of the relative bias. */
    window: windowField,
  }),
  create({ beyond, relativeBias, window }, { context, heads: H, width: C, headWidth: D, causal }) {
    const { reach, rows: P } = distanceTable(window, { context, causal });
    const projection = { shape: [C, H * D], init: normal(1 / Math.sqrt(C)) };
    return {
      ...(beyond === "throw" ? { maxPositions: context } : {}),
      scale: 1 / Math.sqrt(2 * D),
      params: {
        [TABLE]: { shape: [context, C], init: normal(1) },
        [QUERIES]: projection,
        [KEYS]: projection,
        ...(relativeBias && { [BIAS]: { shape: [P, H], init: normal(1) } }),
      },
      bias({ params, positions, scale }) {
        const weight = (name: string) => param<tf.Tensor2D>(params, name);
        /** The projected rows of positions, (H,T,D). */
        const project = (at: tf.Tensor1D, name: string) => {
          const p = linear(tableRows(weight(TABLE), at, beyond, 1), weight(name)); // (T,H·D)
          return tf.transpose(tf.reshape(p, [-1, H, D]), [1, 0, 2]);
        };
        const product = tf.matMul(
          project(positions.query, QUERIES),
          project(positions.key, KEYS),
          false,
          true,
        ); // (H,T,S)
        const untied = tf.mul(scale, product);
        if (!relativeBias) return untied;
        const row = distancePlaces(positions, reach, causal);
        return tf.add(untied, tf.transpose(rows(weight(BIAS), row), [2, 0, 1]));
      },
    };
  },
});
