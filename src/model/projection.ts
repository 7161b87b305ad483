/** The linear layers of a model, and queries, keys and values as heads of them. */
import { linear } from "../tensor/ops.ts";
import { type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { Model } from "./model.ts";
import { norm } from "./norm.ts";
import type { Tap } from "./taps.ts";

/** x·W + b by the parameters' name; the bias where there is one. */
export function affine<R extends tf.Tensor>(params: Params, name: string, x: R): R {
  return linear(
    x,
    param<tf.Tensor2D>(params, `${name}.weight`),
    params[`${name}.bias`] as tf.Tensor1D | undefined,
  );
}

/** Queries (B,H,T,D), keys and values (B,G,T,D). */
type QueriesKeysValues = [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

/**
 * Queries, keys and values of a block's input; where the model has `qkNorm`, each head of a query and
 * of a key is normalized (Henry et al. 2020, arXiv:2010.04245; Qwen3).
 *
 * @param x (B,T,C)
 */
export function projected(
  model: Model,
  params: Params,
  layer: number,
  x: tf.Tensor3D,
  tap: Tap,
): QueriesKeysValues {
  const name = `h.${layer}.attn`;
  const [q, k, v] = headsOf(model, affine(params, `${name}.c_attn`, x));
  if (!model.config.qkNorm) return [q, k, v];
  const normalized = (part: "q" | "k", h: tf.Tensor4D) =>
    norm(model, params, `${name}.${part}_norm`, tap(`blocks.${layer}.attn.${part}_projected`, h));
  return [normalized("q", q), normalized("k", k), v];
}

/** @param qkv (B,T,(H+2G)·D) */
function headsOf(model: Model, qkv: tf.Tensor3D): QueriesKeysValues {
  const { heads: H, keyValueHeads: G, headWidth: D } = model.shape;
  const [B, T] = qkv.shape;
  if (G === H) {
    const split = tf.transpose(tf.reshape(qkv, [B, T, 3, H, D]), [2, 0, 3, 1, 4]); // (3,B,H,T,D)
    return tf.unstack(split, 0) as QueriesKeysValues;
  }
  const parts = tf.split(qkv, [H * D, G * D, G * D], 2);
  return parts.map((part) =>
    tf.transpose(tf.reshape(part, [B, T, -1, D]), [0, 2, 1, 3]),
  ) as QueriesKeysValues;
}

/**
 * Keys or values (B,G,S,D) as every query head sees them, (B,H,S,D): H/G heads one after another
 * share one.
 */
export function shared(model: Model, x: tf.Tensor4D): tf.Tensor4D {
  const { heads: H } = model.shape;
  const [B, G, S, D] = x.shape;
  if (G === H) return x;
  return tf.reshape(tf.tile(tf.reshape(x, [B, G, 1, S * D]), [1, 1, H / G, 1]), [B, H, S, D]); // tile has a gradient up to rank 4
}
