/**
 * Learned absolute positions: p_i = P[i], P a trained table of L_max rows.
 *
 * Rows exist for positions 0 … L_max − 1 only. What lies beyond is not defined by the model, so it
 * is a policy of the reader:
 *
 *     throw        refuse, the default
 *     clamp        the last row
 *     wrap         row i mod L_max
 *     zero         no position at all
 *     untrained    rows drawn from the initial distribution, as if the table had been made longer and never trained there
 *     interpolate  the whole context squeezed into the table: row i·(L_max − 1)/(furthest position)
 *
 * The policy changes no parameter, so it can be changed on a trained checkpoint.
 *
 * Gehring et al. 2017, arXiv:1705.03122, section 3.1; Radford et al. 2019 (GPT-2); Devlin et al. 2019 (BERT).
 */
import { z } from "zod";
import { rows } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { createRng } from "../tensor/rng.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

/** GPT-2's name of the table. */
const TABLE = "wpe.weight";
/** As many rows past the table as ever differ; further positions begin again. */
const UNTRAINED_ROWS = 4096;

/** Policies for positions past the table; `throw` first, as the default. */
export const beyondPolicies = ["throw", "clamp", "wrap", "zero", "untrained", "interpolate"] as const;
export type BeyondPolicy = (typeof beyondPolicies)[number];

export const learned = defineEncoding({
  kind: "learned",
  title: "Learned",
  source: "Gehring et al. 2017, arXiv:1705.03122, section 3.1; Radford et al. 2019; Devlin et al. 2019",
  relative: false,
  config: z.strictObject({ beyond: z.enum(beyondPolicies).default("throw") }),
  create: ({ beyond }, { width: C, context: P }) => ({
    ...(beyond === "throw" ? { maxPositions: P } : {}),
    dependsOnLength: beyond === "interpolate",
    params: { [TABLE]: { shape: [P, C], init: normal(1 / Math.sqrt(C)) } },
    embed: (params, positions) => tableRows(param<tf.Tensor2D>(params, TABLE), positions, beyond),
  }),
});

/**
 * Rows of a table of positions, (T,C), those past its end by a policy.
 *
 * @param deviation of the initial distribution, for `untrained`; default 1/√C
 */
export function tableRows(
  table: tf.Tensor2D,
  positions: tf.Tensor1D,
  beyond: BeyondPolicy,
  deviation = 1 / Math.sqrt(table.shape[1]),
): tf.Tensor2D {
  return past[beyond](table, positions, deviation);
}

type Lookup = (table: tf.Tensor2D, positions: tf.Tensor1D, deviation: number) => tf.Tensor2D;

const within = (table: tf.Tensor2D, positions: tf.Tensor1D) =>
  rows(table, tf.clipByValue(positions, 0, table.shape[0] - 1)) as tf.Tensor2D;

const past: Readonly<Record<BeyondPolicy, Lookup>> = {
  throw: within, // the model has refused what is past: maxPositions
  clamp: within,
  wrap: (table, positions) => within(table, tf.mod(positions, table.shape[0])),
  zero: (table, positions) => replacePast(table, positions, tf.zeros([positions.shape[0], table.shape[1]])),
  untrained(table, positions, deviation) {
    const [P, C] = table.shape;
    const row = tf.mod(tf.sub(positions, P), UNTRAINED_ROWS) as tf.Tensor1D;
    return replacePast(table, positions, rows(untrainedRows(C, deviation), row) as tf.Tensor2D);
  },
  interpolate(table, positions) {
    const last = table.shape[0] - 1;
    const furthest = tf.maximum(tf.max(positions), last);
    return within(table, tf.mul(positions, tf.div(last, furthest)));
  },
};

function replacePast(table: tf.Tensor2D, positions: tf.Tensor1D, other: tf.Tensor2D): tf.Tensor2D {
  const inside = tf.expandDims(tf.less(positions, table.shape[0]), 1); // (T,1)
  return tf.where(inside, within(table, positions), other);
}

/** Rows as training would have begun with: drawn once and for all, so that two evaluations agree. */
function untrainedRows(C: number, deviation: number): tf.Tensor2D {
  const rng = createRng(0, "learned/untrained");
  const values = Float32Array.from({ length: UNTRAINED_ROWS * C }, () => deviation * rng.normal());
  return tf.tensor2d(values, [UNTRAINED_ROWS, C]);
}
