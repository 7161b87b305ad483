/**
 * T5's bias: a scalar for each head and each bucket of distances, one table for all blocks.
 *
 *     scores_ij = scale·q_i·k_j + b_h[bucket(j − i)]
 *
 * Causal: the first half of the buckets are the distances 0, 1, 2, …, one each; the others grow in
 * geometric progression up to `maxDistance`, past which all distances share the last one.
 * Bidirectional: half of the buckets for keys to the left and at the query, half for those to the
 * right. Where a bucket of the progression begins is decided in whole numbers, not by a rounded
 * logarithm. At a fractional distance the bias is interpolated between those of the two whole
 * distances around it.
 *
 * Departures: `scaled` keeps the 1/√D that other encodings have; T5 as published has scale 1, and
 * W_q starts smaller by √D instead, which the common initial values here do not do. `maxDistance`
 * is published as 128, of which contexts of 32 train a part; "context", the default, is L_max, or
 * the least distance that leaves the progression a place. Biases start at N(0, 1), for the reason
 * in relative.ts.
 *
 * Raffel et al. 2020, arXiv:1910.10683, section 2.1; the buckets are those of mesh-tensorflow.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { rows } from "../tensor/ops.ts";
import { normal, param } from "../tensor/params.ts";
import { distancePlaces } from "../tensor/places.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const TABLE = "t5.weight";

export const t5 = defineEncoding({
  kind: "t5",
  title: "T5 bias",
  source: "Raffel et al. 2020, arXiv:1910.10683, section 2.1",
  relative: true,
  config: z.strictObject({
    buckets: z.int().min(4).multipleOf(4).max(1024).default(32),
    /** From this distance on there is one bucket. */
    maxDistance: z.union([z.int().positive().max(65_536), z.literal("context")]).default("context"),
    /** Whether q·k is multiplied by 1/√D. */
    scaled: z.boolean().default(true),
  }),
  create({ buckets, maxDistance, scaled }, { context, heads: H, causal }) {
    const side = causal ? buckets : buckets / 2;
    const single = side / 2;
    const reach = maxDistance === "context" ? Math.max(context, single + 1) : maxDistance;
    if (reach <= single) {
      throw new InputError(
        `t5: model.position.maxDistance ${reach} leaves no distance past the ${single} that have a bucket each; ` +
          `raise it above ${single}, or lower model.position.buckets`,
      );
    }
    /** Of the distances −reach … 0, or … reach. */
    const bucketOf = causal ? leftOf(side, reach) : bothOf(side, reach);
    return {
      ...(scaled ? {} : { scale: 1 }),
      params: { [TABLE]: { shape: [buckets, H], init: normal(1) } },
      bias({ params, positions }) {
        const byDistance = tf.gather(param<tf.Tensor2D>(params, TABLE), tf.tensor1d(bucketOf, "int32")); // by H
        const row = distancePlaces(positions, reach, causal);
        return tf.transpose(rows(byDistance, row), [2, 0, 1]); // (H,T,S)
      },
    };
  },
});

/** Buckets of the distances −reach … 0. */
const leftOf = (side: number, reach: number) => bucketsByDistance(side, reach).reverse();

/** Buckets of the distances −reach … reach: those of keys to the right come after the others. */
const bothOf = (side: number, reach: number) => [
  ...leftOf(side, reach),
  ...bucketsByDistance(side, reach)
    .slice(1)
    .map((bucket) => side + bucket),
];

/**
 * The bucket of each whole distance n = 0 … reach, of `side` buckets: n itself below e = side/2,
 * then e + ⌊e·ln(n/e)/ln(reach/e)⌋ and at most side − 1.
 */
export function bucketsByDistance(side: number, reach: number): number[] {
  const e = side / 2;
  let bucket = 0;
  return Array.from({ length: reach + 1 }, (_, n) => {
    if (n <= e) bucket = n;
    else while (bucket < side - 1 && begins(bucket + 1 - e, n, e, reach)) bucket++;
    return bucket;
  });
}

/** Whether e·ln(n/e)/ln(reach/e) ≥ k, as n^e ≥ reach^k·e^(e−k) in whole numbers. */
function begins(k: number, n: number, e: number, reach: number): boolean {
  return BigInt(n) ** BigInt(e) >= BigInt(reach) ** BigInt(k) * BigInt(e) ** BigInt(e - k);
}
