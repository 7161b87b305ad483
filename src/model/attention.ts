/**
 * Multi-head attention with the four seams of a position encoding (`encodings/encoding.ts`).
 *
 *     scores = scale·q·kᵀ + mask + bias    y = softmax(scores)·v + values    (Vaswani et al. 2017, equation 1)
 */
import type { PositionEncoding, TransformState } from "../encodings/encoding.ts";
import { inTurn } from "../engine/compile.ts";
import { type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { type Attending, attend, type Drop, holdsNoScores } from "./attend.ts";
import { type Heads, inParts, withinSight } from "./attention-parts.ts";
import type { KeysValues, KvCache } from "./kv-cache.ts";
import { encodingOf, type Model } from "./model.ts";
import { affine, projected, shared } from "./projection.ts";
import { MASKED, sightOf } from "./sight.ts";
import type { Tap } from "./taps.ts";
import { temperatures } from "./temperature.ts";

/** Where scores are held, those of one head at a time, at most: 1,024 tokens are read whole. */
const SCORES = 2 ** 20;

/** Longer contexts are read in parts of so many queries, so that memory grows with T and not with T². */
const queriesAtATime = (T: number): number => Math.max(1, Math.floor(SCORES / T));

export interface AttentionInput {
  readonly layer: number;
  /** The block's normalized input, (B,T,C). */
  readonly x: tf.Tensor3D;
  /** (T) */
  readonly positions: tf.Tensor1D;
  readonly drop: Drop;
  readonly tap: Tap;
  /** Most queries that are read at a time; left out, as many as memory allows. */
  readonly queries: number | undefined;
  /** What came before x; without it, nothing did. */
  readonly cache: KvCache | undefined;
}

/** @returns (B,T,C) */
export function attention(
  model: Model,
  params: Params,
  { layer, x, positions, drop, tap, queries, cache }: AttentionInput,
): tf.Tensor3D {
  const { heads: H, headWidth: D } = model.shape;
  const [B, T] = x.shape;
  const encoding = encodingOf(model, layer);
  const sight = sightOf(model, layer);
  const name = `h.${layer}.attn`;
  const at = (activation: string) => `blocks.${layer}.attn.${activation}`;
  const own = ownParams(encoding, params, layer);
  const inputs = cache?.inputs(layer, x) ?? x;
  const filled = () => cache && filledOf(cache.mask);
  const state: TransformState = {
    layer,
    x: encoding.readsInputs ? (tf.mul(inputs, filled() ?? 1) as tf.Tensor3D) : inputs,
  };
  const [q0, k0, v0] = projected(model, params, layer, x, tap);
  const turn = (h: tf.Tensor4D, side: "query" | "key") => {
    const turned = encoding.transform?.(h, positions, own, side, state);
    return turned ? tap(at(side === "query" ? "rot_q" : "rot_k"), turned) : h;
  };
  const turned = turn(tap(at("q"), q0), "query");
  const now: KeysValues = { k: turn(tap(at("k"), k0), "key"), v: tap(at("v"), v0) };
  const seen = cache?.extend(layer, now) ?? now;
  const factors = temperatures(model, params, layer, {
    index: () => indexOf(filled(), T),
    length: seen.k.shape[2],
    sight,
  });
  const whole: Heads = {
    layer,
    params: own,
    first: seen.k.shape[2] - T,
    positions: { query: positions, key: cache?.positions ?? positions },
    mask: cache?.mask,
    q: factors ? (tf.mul(turned, tf.expandDims(tap(at("temperature"), factors), 2)) as tf.Tensor4D) : turned,
    k: shared(model, seen.k),
    v: shared(model, seen.v),
    x: inputs,
  };
  const sinks = model.config.sinks ? param<tf.Tensor1D>(params, `${name}.sinks`) : undefined;
  const how: Attending = { encoding, sight, D, sinks, drop, tap, at };
  const most = queries ?? (holdsNoScores(how, whole) ? T : queriesAtATime(seen.k.shape[2]));
  const parts = T > most ? inParts(whole, most, sight) : [() => withinSight(whole, sight)];
  const z = inTurn(parts.map((part) => () => attend(how, part())));
  const mixed = z.length === 1 ? (z[0] as tf.Tensor4D) : (tf.concat(z, 2) as tf.Tensor4D);
  const gated = model.config.gate ? tf.mul(mixed, gate(params, `${name}.gate`, x, H)) : mixed;
  const joined = tap(at("z"), gated);
  const merged = tf.reshape(tf.transpose(joined, [0, 2, 1, 3]), [B, T, H * D]) as tf.Tensor3D;
  return affine(params, `${name}.c_proj`, merged);
}

/** 1 at slots that a token has filled, (S,1). */
const filledOf = (mask: tf.Tensor1D) =>
  tf.expandDims(tf.cast(tf.greater(mask, MASKED / 2), "float32"), 1) as tf.Tensor2D;

/** The index of the last T tokens among those that fill the slots, (T). @param filled (S,1) */
function indexOf(filled: tf.Tensor2D | undefined, T: number): tf.Tensor1D {
  if (filled === undefined) return tf.range(0, T, 1, "float32");
  const counts = tf.cumsum(tf.squeeze(filled, [1]));
  const before = tf.sub(tf.slice(counts, counts.size - T, T), 1);
  return tf.maximum(before, 0) as tf.Tensor1D; // at an empty slot, which no token reads
}

/** σ(x·W + b) of each head, (B,H,T,D) or (B,H,T,1). */
function gate(params: Params, name: string, x: tf.Tensor3D, H: number): tf.Tensor4D {
  const [B, T] = x.shape;
  const gates = tf.reshape(tf.sigmoid(affine(params, name, x)), [B, T, H, -1]);
  return tf.transpose(gates, [0, 2, 1, 3]) as tf.Tensor4D;
}

/** The encoding's parameters by the names that it declared: shared ones, and this block's. */
function ownParams(encoding: PositionEncoding, params: Params, layer: number): Params {
  const shared = Object.keys(encoding.params ?? {}).map((name) => [name, param(params, name)]);
  const local = Object.keys(encoding.layerParams ?? {}).map((name) => [
    name,
    param(params, `h.${layer}.attn.${name}`),
  ]);
  return Object.fromEntries([...shared, ...local]);
}
