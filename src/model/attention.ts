/**
 * Multi-head attention with the four seams of a position encoding (`encodings/encoding.ts`).
 *
 *     scores = scale·q·kᵀ + mask + bias    y = softmax(scores)·v + values    (Vaswani et al. 2017, equation 1)
 */
import type { AttentionState } from "../encodings/encoding.ts";
import { inTurn } from "../engine/compile.ts";
import { linear } from "../tensor/ops.ts";
import { type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { Model } from "./config.ts";
import type { KeysValues, KvCache } from "./kv-cache.ts";
import type { Tap } from "./taps.ts";

/** Added to the score of a key that a query must not see: its weight underflows to exactly zero. */
export const MASKED = -1e9;

/** Scores of one head that are held at a time, at most: contexts of up to 1,024 tokens are read whole. */
const SCORES = 2 ** 20;

/** Longer contexts are read in parts of so many queries, so that memory grows with T and not with T². */
export const queriesAtATime = (T: number): number => Math.max(1, Math.floor(SCORES / T));

export interface AttentionInput {
  readonly layer: number;
  /** The block's normalized input, (B,T,C). */
  readonly x: tf.Tensor3D;
  /** (T) */
  readonly positions: tf.Tensor1D;
  readonly drop: (weights: tf.Tensor) => tf.Tensor;
  readonly tap: Tap;
  /** Most queries that are read at a time. */
  readonly queries: number;
  /** What came before x; without it, nothing did. */
  readonly cache: KvCache | undefined;
}

/** @returns (B,T,C) */
export function attention(
  model: Model,
  params: Params,
  { layer, x, positions, drop, tap, queries, cache }: AttentionInput,
): tf.Tensor3D {
  const { heads: H, headWidth: D, causal } = model.shape;
  const [B, T] = x.shape;
  const name = `h.${layer}.attn`;
  const at = (activation: string) => `blocks.${layer}.attn.${activation}`;
  const own = ownParams(model, params, layer);
  const [q0, k0, v0] = headsOf(model, affine(params, `${name}.c_attn`, x));
  const turn = (h: tf.Tensor4D, side: "query" | "key") => {
    const turned = model.encoding.transform?.(h, positions, own, side);
    return turned ? tap(at(side === "query" ? "rot_q" : "rot_k"), turned) : h;
  };
  const q = turn(tap(at("q"), q0), "query");
  const now: KeysValues = { k: turn(tap(at("k"), k0), "key"), v: tap(at("v"), v0), x };
  const seen = cache?.extend(layer, now) ?? now;
  const whole: Heads = {
    layer,
    params: own,
    first: seen.k.shape[2] - T,
    positions: { query: positions, key: cache?.positions ?? positions },
    mask: cache?.mask,
    q,
    k: shared(model, seen.k),
    v: shared(model, seen.v),
    x: seen.x,
  };
  const attendTo = (part: Heads) => attend(model, part, drop, (activation, y) => tap(at(activation), y));
  const parts = T > queries ? inParts(whole, queries, causal) : [() => whole];
  const z = inTurn(parts.map((part) => () => attendTo(part())));
  const joined = tap(at("z"), z.length === 1 ? (z[0] as tf.Tensor4D) : (tf.concat(z, 2) as tf.Tensor4D));
  const merged = tf.reshape(tf.transpose(joined, [0, 2, 1, 3]), [B, T, H * D]) as tf.Tensor3D;
  return affine(params, `${name}.c_proj`, merged);
}

/** Queries (B,H,T,D), keys and values (B,G,T,D) of the projection (B,T,(H+2G)·D). */
function headsOf(model: Model, qkv: tf.Tensor3D): [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D] {
  const { heads: H, keyValueHeads: G, headWidth: D } = model.shape;
  const [B, T] = qkv.shape;
  if (G === H) {
    const split = tf.transpose(tf.reshape(qkv, [B, T, 3, H, D]), [2, 0, 3, 1, 4]); // (3,B,H,T,D)
    return tf.unstack(split, 0) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  }
  const parts = tf.split(qkv, [H * D, G * D, G * D], 2);
  return parts.map((part) => tf.transpose(tf.reshape(part, [B, T, -1, D]), [0, 2, 1, 3])) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
}

/**
 * Keys or values (B,G,S,D) as every query head sees them, (B,H,S,D): H/G heads one after another
 * share one.
 */
function shared(model: Model, x: tf.Tensor4D): tf.Tensor4D {
  const { heads: H, keyValueHeads: G } = model.shape;
  if (G === H) return x;
  const [B, , S, D] = x.shape;
  return tf.reshape(tf.tile(tf.reshape(x, [B, G, 1, S * D]), [1, 1, H / G, 1]), [B, H, S, D]); // tile has a gradient up to rank 4
}

/** Queries, and the keys and values that they may look at. */
interface Heads extends Pick<AttentionState, "layer" | "params" | "first" | "positions" | "x" | "q" | "k"> {
  /** (B,H,S,D) */
  readonly v: tf.Tensor4D;
  /** Added to the scores of every query, (S). */
  readonly mask: tf.Tensor1D | undefined;
}

/** Runs of queries one after another; under a causal mask keys past the last query of a run are left out. */
function inParts(whole: Heads, queries: number, causal: boolean): (() => Heads)[] {
  const T = whole.q.shape[2];
  return Array.from({ length: Math.ceil(T / queries) }, (_, part) => () => {
    const from = part * queries;
    const end = Math.min(T, from + queries);
    const S = whole.first + (causal ? end : T);
    const keys = (h: tf.Tensor4D) => tf.slice(h, [0, 0, 0, 0], [-1, -1, S, -1]);
    const { query, key } = whole.positions;
    return {
      ...whole,
      first: whole.first + from,
      positions: { query: tf.slice(query, from, end - from), key: tf.slice(key, 0, S) },
      mask: whole.mask && tf.slice(whole.mask, 0, S),
      x: tf.slice(whole.x, [0, 0, 0], [-1, S, -1]),
      q: tf.slice(whole.q, [0, 0, from, 0], [-1, -1, end - from, -1]),
      k: keys(whole.k),
      v: keys(whole.v),
    };
  });
}

/** softmax(scores)·v + values, (B,H,T,D). */
function attend(
  { encoding, shape }: Model,
  { v, mask, ...heads }: Heads,
  drop: AttentionInput["drop"],
  tap: Tap,
): tf.Tensor4D {
  const { headWidth: D, causal } = shape;
  const { q, k, first } = heads;
  const scale = encoding.scale ?? 1 / Math.sqrt(D);
  const products = tf.mul(scale, tf.matMul(q, k, false, true)) as tf.Tensor4D; // (B,H,T,S)
  const ordered = causal ? hideLater(products, first) : products;
  const masked = mask ? (tf.add(ordered, mask) as tf.Tensor4D) : ordered;
  const state: AttentionState = { ...heads, scores: masked, scale, causal };
  const added = encoding.bias?.(state);
  const bias = added && tap("bias", added);
  const scores = tap("attn_scores", bias ? (tf.add(masked, bias) as tf.Tensor4D) : masked);
  const weights = tap("pattern", tf.softmax(scores) as tf.Tensor4D);
  const mixed = tf.matMul(drop(weights), v) as tf.Tensor4D; // (B,H,T,D)
  const extra = encoding.values?.({ ...state, weights });
  return extra ? (tf.add(mixed, tap("pos_values", extra)) as tf.Tensor4D) : mixed;
}

/** x·W + b by the parameters' name; the bias where there is one. */
export function affine<R extends tf.Tensor>(params: Params, name: string, x: R): R {
  return linear(
    x,
    param<tf.Tensor2D>(params, `${name}.weight`),
    params[`${name}.bias`] as tf.Tensor1D | undefined,
  );
}

/**
 * Hides the keys that come after a query; order in the context decides, not positions.
 *
 * Keys before the first query are all seen. They are left out of the mask, (T,T), which is the same
 * for all parts of a context: TensorFlow keeps a mask for each query and key as a constant,
 * gigabytes for 16,384 tokens.
 *
 * @param scores (B,H,T,first + T)
 */
function hideLater(scores: tf.Tensor4D, first: number): tf.Tensor4D {
  const T = scores.shape[2];
  if (T === 1) return scores; // the last token: nothing comes later
  const index = tf.range(0, T, 1, "int32");
  const later = tf.less(tf.expandDims(index, 1), tf.expandDims(index, 0));
  const mask = tf.mul(tf.cast(later, "float32"), MASKED);
  if (first === 0) return tf.add(scores, mask);
  const [seen, own] = tf.split(scores, [first, T], 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat([seen, tf.add(own, mask) as tf.Tensor4D], 3);
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
