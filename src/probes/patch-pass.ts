/**
 * Activation patching in one graph: which activations of a run are replaced is an input, a mask of
 * zeros and ones, so that every site runs through the same graph.
 *
 * Rows of a forward pass are P contexts, then P of their swaps for each of K sites; an activation s
 * of a swap goes on as
 *
 *     s·(1 − m) + c·m     c the activation of its context in the same pass
 */
import { type Compiled, compile } from "../engine/compile.ts";
import type { Model } from "../model/model.ts";
import type { Tap } from "../model/taps.ts";
import { forward } from "../model/transformer.ts";
import { crossEntropy } from "../tensor/ops.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { TensorTree } from "../tensor/tree.ts";

/** Where an activation is replaced; without token or head, at all of them. */
export interface PatchSite {
  readonly site: "resid_pre" | "z" | "attn_out" | "mlp_out";
  readonly layer: number;
  readonly token?: number;
  readonly head?: number;
}

export interface PatchInputs extends TensorTree {
  readonly params: Params;
  /** (P·(1+K),T), int32 */
  readonly tokens: tf.Tensor2D;
  /** (P·(1+K)), int32 */
  readonly answers: tf.Tensor1D;
  /** (T) */
  readonly positions: tf.Tensor1D;
  /** By site, layer, and token, head or sublayer: (K,layers,T), (K,layers,H), (K,layers,2). */
  readonly masks: PatchMasks;
}

interface PatchMasks extends TensorTree {
  readonly resid_pre: tf.Tensor3D;
  readonly z: tf.Tensor3D;
  readonly out: tf.Tensor3D;
}

/** −ln p of each row's answer after its last token, (P·(1+K)). */
export type PatchPass = Compiled<PatchInputs, { nll: tf.Tensor }>;

/** @param last the tokens from the one that answers on */
export function patchPass(model: Model, last: number): PatchPass {
  return compile(
    ({ params, tokens, answers, positions, masks }: PatchInputs) => {
      const tap = patchTap(masks);
      const logits = forward(model, params, tokens, positions, { tap, last }); // (N,last,V)
      const first = last === 1 ? logits : tf.slice(logits, [0, 0, 0], [-1, 1, -1]);
      return { nll: crossEntropy(tf.squeeze(first, [1]) as tf.Tensor2D, answers) };
    },
    { name: "patching" },
  );
}

const SUBLAYERS = ["attn_out", "mlp_out"];

function patchTap(masks: PatchMasks): Tap {
  const K = masks.out.shape[0];
  /** The masks of one layer as (K,1,parts,1). */
  const at = (mask: tf.Tensor3D, layer: number, from = 0, size = -1) => {
    const own = tf.slice(mask, [0, layer, from], [-1, 1, size]);
    return tf.reshape(own, [K, 1, own.shape[2] as number, 1]) as tf.Tensor4D;
  };
  return (name, activation) => {
    const [, digits = "", kind = ""] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
    const layer = Number(digits);
    if (kind === "resid_pre") return patched(activation, at(masks.resid_pre, layer));
    if (kind === "attn.z") return patched(activation, at(masks.z, layer));
    if (SUBLAYERS.includes(kind))
      return patched(activation, at(masks.out, layer, SUBLAYERS.indexOf(kind), 1));
    return activation;
  };
}

/** @param mask (K,1,A,1), A the second axis of the activation or 1 */
function patched<T extends tf.Tensor>(activation: T, mask: tf.Tensor4D): T {
  const { shape, size } = activation;
  const [rows, parts] = shape as [number, number];
  const K = mask.shape[0];
  const P = rows / (1 + K);
  const grouped = tf.reshape(activation, [1 + K, P, parts, size / rows / parts]);
  const [clean, swapped] = tf.split(grouped, [1, K], 0) as [tf.Tensor4D, tf.Tensor4D];
  const kept = tf.mul(swapped, tf.sub(1, mask));
  const all = tf.concat([clean, tf.add(kept, tf.mul(clean, mask)) as tf.Tensor4D], 0);
  return tf.reshape(all, shape) as T;
}

/** The masks of so many sites; those past the last patch nothing. */
export function masksOf(
  { shape: { layers, heads } }: Model,
  T: number,
  sites: readonly (PatchSite | undefined)[],
): PatchMasks {
  const K = sites.length;
  const masks = {
    resid_pre: new Float32Array(K * layers * T),
    z: new Float32Array(K * layers * heads),
    out: new Float32Array(K * layers * 2),
  };
  const mark = (mask: Float32Array, parts: number, k: number, layer: number, part: number | undefined) => {
    const from = (k * layers + layer) * parts;
    if (part === undefined) mask.fill(1, from, from + parts);
    else mask[from + part] = 1;
  };
  for (const [k, one] of sites.entries()) {
    if (one === undefined) continue;
    const { site, layer, token, head } = one;
    if (site === "resid_pre") mark(masks.resid_pre, T, k, layer, token);
    else if (site === "z") mark(masks.z, heads, k, layer, head);
    else mark(masks.out, 2, k, layer, SUBLAYERS.indexOf(site));
  }
  return {
    resid_pre: tf.tensor3d(masks.resid_pre, [K, layers, T]),
    z: tf.tensor3d(masks.z, [K, layers, heads]),
    out: tf.tensor3d(masks.out, [K, layers, 2]),
  };
}

/** Each token of each layer's residual stream, each head, and each sublayer. */
export function sitesOf({ shape: { layers, heads } }: Model, T: number): PatchSite[] {
  const each = (count: number) => Array.from({ length: count }, (_, i) => i);
  return each(layers).flatMap((layer): PatchSite[] => [
    ...each(T).map((token): PatchSite => ({ site: "resid_pre", layer, token })),
    ...each(heads).map((head): PatchSite => ({ site: "z", layer, head })),
    { site: "attn_out", layer },
    { site: "mlp_out", layer },
  ]);
}
