/**
 * Multi-head attention with the four seams of a position encoding (`encodings/encoding.ts`).
 *
 *     scores = scale·q·kᵀ + mask + bias    y = softmax(scores)·v + values    (Vaswani et al. 2017, equation 1)
 */
import { linear } from "../tensor/ops.ts";
import { type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { Model } from "./config.ts";
import type { Tap } from "./taps.ts";

/** Added to the score of a key that a query must not see: its weight underflows to exactly zero. */
const MASKED = -1e9;

export interface AttentionInput {
  readonly layer: number;
  /** The block's normalized input, (B,T,C). */
  readonly x: tf.Tensor3D;
  /** (T) */
  readonly positions: tf.Tensor1D;
  readonly drop: (weights: tf.Tensor) => tf.Tensor;
  readonly tap: Tap;
}

/** @returns (B,T,C) */
export function attention(
  model: Model,
  params: Params,
  { layer, x, positions, drop, tap }: AttentionInput,
): tf.Tensor3D {
  const { encoding, shape } = model;
  const { heads: H, headWidth: D, causal } = shape;
  const [B, T] = x.shape;
  const name = `h.${layer}.attn`;
  const at = (activation: string) => `blocks.${layer}.attn.${activation}`;
  const own = ownParams(model, params, layer);
  const scale = encoding.scale ?? 1 / Math.sqrt(D);

  const qkv = affine(params, `${name}.c_attn`, x);
  const split = tf.transpose(tf.reshape(qkv, [B, T, 3, H, D]), [2, 0, 3, 1, 4]); // (3,B,H,T,D)
  const [q0, k0, v0] = tf.unstack(split, 0) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const turn = (h: tf.Tensor4D, side: "query" | "key") => encoding.transform?.(h, positions, own, side) ?? h;
  const q = tap(at("q"), turn(q0, "query"));
  const k = tap(at("k"), turn(k0, "key"));
  const v = tap(at("v"), v0);

  const products = tf.mul(scale, tf.matMul(q, k, false, true)) as tf.Tensor4D; // (B,H,T,S)
  const masked = causal ? (tf.add(products, causalMask(T)) as tf.Tensor4D) : products;
  const state = {
    layer,
    params: own,
    positions: { query: positions, key: positions },
    x,
    q,
    k,
    scores: masked,
    scale,
    causal,
  };
  const bias = encoding.bias?.(state);
  const scores = tap(at("attn_scores"), bias ? (tf.add(masked, bias) as tf.Tensor4D) : masked);
  const weights = tap(at("pattern"), tf.softmax(scores) as tf.Tensor4D);
  const mixed = tf.matMul(drop(weights), v) as tf.Tensor4D; // (B,H,T,D)
  const extra = encoding.values?.({ ...state, weights });
  const z = tap(at("z"), extra ? (tf.add(mixed, extra) as tf.Tensor4D) : mixed);
  const merged = tf.reshape(tf.transpose(z, [0, 2, 1, 3]), [B, T, H * D]) as tf.Tensor3D;
  return affine(params, `${name}.c_proj`, merged);
}

/** x·W + b by the parameters' name; the bias where there is one. */
export function affine<R extends tf.Tensor>(params: Params, name: string, x: R): R {
  return linear(
    x,
    param<tf.Tensor2D>(params, `${name}.weight`),
    params[`${name}.bias`] as tf.Tensor1D | undefined,
  );
}

/** (T,T): zero where key j is no later than query i. Order in the context decides, not positions. */
function causalMask(T: number): tf.Tensor2D {
  const index = tf.range(0, T, 1, "int32");
  const later = tf.less(tf.expandDims(index, 1), tf.expandDims(index, 0));
  return tf.mul(tf.cast(later, "float32"), MASKED) as tf.Tensor2D;
}

/** The encoding's parameters by the names that it declared: shared ones, and this block's. */
function ownParams({ encoding }: Model, params: Params, layer: number): Params {
  const shared = Object.keys(encoding.params ?? {}).map((name) => [name, param(params, name)]);
  const local = Object.keys(encoding.layerParams ?? {}).map((name) => [
    name,
    param(params, `h.${layer}.attn.${name}`),
  ]);
  return Object.fromEntries([...shared, ...local]);
}
