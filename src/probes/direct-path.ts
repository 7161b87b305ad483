/**
 * What the queries and keys of each block get straight from the embedding, past all that earlier blocks add.
 *
 * A norm is linear once its statistics are frozen: LN(x) = g ⊙ (x − x̄)/σ + b, and x̄ is linear in
 * x. So a part a of the stream reaches the projections as (a − ā) ⊙ g · W, divided by the σ of its
 * token; RMSNorm is the same with 0 for the means. These are the norms on its way:
 *
 *     pre-norm   the embedding's where there is one, then ln_1 of the block
 *     post-norm  the embedding's, then ln_1 and ln_2 of every block before: the block reads the stream as it is
 *
 * Where heads of queries and keys are normalized (`qkNorm`) that norm is the last on the way.
 *
 * `pathOf` leaves σ out, which is a number of each token: `sigmasOf` has it from a pass's
 * activations. Biases belong to no part.
 */
import { compile } from "../engine/compile.ts";
import type { Model } from "../model/model.ts";
import { type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import type { Activation } from "./activations.ts";
import { broadcastTo } from "./broadcast.ts";

/** A norm, and the activations whose sum it normalizes. */
interface FrozenNorm {
  readonly name: string;
  readonly reads: readonly string[];
}

function normsBefore({ config }: Model, layer: number): FrozenNorm[] {
  const ofEmbedding = config.embeddingNorm ? [{ name: "ln_e", reads: ["embed", "pos_embed"] }] : [];
  if (config.norm === "pre")
    return [...ofEmbedding, { name: `h.${layer}.ln_1`, reads: [`blocks.${layer}.resid_pre`] }];
  const blocks = Array.from({ length: layer }, (_, m) => [
    { name: `h.${m}.ln_1`, reads: [`blocks.${m}.resid_pre`, `blocks.${m}.attn_out`] },
    { name: `h.${m}.ln_2`, reads: [`blocks.${m}.resid_mid`, `blocks.${m}.mlp_out`] },
  ]);
  return [...ofEmbedding, ...blocks.flat()];
}

/** Activations that `sigmasOf` needs. */
export function namesForSigmas(model: Model): string[] {
  const layers = Array.from({ length: model.shape.layers }, (_, layer) => [
    ...normsBefore(model, layer).flatMap(({ reads }) => reads),
    ...(model.config.qkNorm ? (["q", "k"] as const).map((part) => projectedName(layer, part)) : []),
  ]);
  return [...new Set(layers.flat())];
}

/** The product of the σ of all norms on the way to a block, of each token, (T). */
export function sigmasOf(
  model: Model,
  layer: number,
  activations: Readonly<Record<string, Activation>>,
  T: number,
): Float64Array {
  const { width: C } = model.shape;
  const product = new Float64Array(T).fill(1);
  for (const { reads } of normsBefore(model, layer)) {
    const found = reads.flatMap((name) => activations[name] ?? []); // `pos_embed` may not be there
    const parts = found.map((activation) => broadcastTo(activation, [T, C]));
    for (let t = 0; t < T; t++) {
      const at = (c: number) => parts.reduce((sum, values) => sum + (values[t * C + c] as number), 0);
      product[t] =
        (product[t] as number) *
        sigmaOf(
          model,
          Float64Array.from({ length: C }, (_, c) => at(c)),
        );
    }
  }
  return product;
}

const projectedName = (layer: number, part: "q" | "k") => `blocks.${layer}.attn.${part}_projected`;

/** The σ of the norm of a head's queries or keys, of each token, (T); ones where there is no such norm. */
export function headSigmasOf(
  model: Model,
  layer: number,
  activations: Readonly<Record<string, Activation>>,
  { part, head, T }: { readonly part: "q" | "k"; readonly head: number; readonly T: number },
): Float64Array {
  const { headWidth: D } = model.shape;
  const found = activations[projectedName(layer, part)]?.values; // (heads,T,D)
  const row = (t: number) => Float64Array.from({ length: D }, (_, d) => found?.[(head * T + t) * D + d] ?? 0);
  return Float64Array.from({ length: T }, (_, t) => (model.config.qkNorm ? sigmaOf(model, row(t)) : 1));
}

/** √(variance + ε) of a vector; of RMSNorm, √(mean of squares + ε). */
function sigmaOf(model: Model, x: Float64Array): number {
  const mean = centres(model) ? x.reduce((sum, value) => sum + value, 0) / x.length : 0;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return Math.sqrt(variance + model.config.normEpsilon);
}

/** Whether norms take the mean away. */
const centres = ({ config }: Model): boolean => config.normKind === "layer";

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (N,C) */
  readonly x: tf.Tensor2D;
}

export interface DirectPaths {
  /**
   * @param x parts of the stream, (N,C)
   * @returns of each block its queries, then its keys, but for σ: (N,(H+G)·D)
   */
  read(x: Float32Array): Promise<Float32Array[]>;
  close(): void;
}

export function openDirectPaths(model: Model, params: Params): DirectPaths {
  const { layers, width: C } = model.shape;
  const all = compile(
    ({ params, x }: Inputs): Record<string, tf.Tensor> =>
      Object.fromEntries(
        Array.from({ length: layers }, (_, layer) => [`${layer}`, pathOf(model, params, layer, x)]),
      ),
    { name: "direct paths" },
  );
  return {
    async read(values) {
      const x = tf.tensor2d(values, [values.length / C, C]);
      const outputs = all({ params, x });
      const read: Float32Array[] = [];
      for (let layer = 0; layer < layers; layer++)
        read.push((await (outputs[layer] as tf.Tensor).data()) as Float32Array);
      disposeTree({ ...outputs, x });
      return read;
    },
    close: () => all.close(),
  };
}

function pathOf(model: Model, params: Params, layer: number, x: tf.Tensor2D): tf.Tensor2D {
  const { width: C, heads: H, keyValueHeads: G, headWidth: D } = model.shape;
  const centred = <R extends tf.Tensor>(y: R): R =>
    centres(model) ? (tf.sub(y, tf.mean(y, -1, true)) as R) : y;
  const normalized = normsBefore(model, layer).reduce<tf.Tensor2D>(
    (y, { name }) => tf.mul(centred(y), param(params, `${name}.weight`)) as tf.Tensor2D,
    x,
  );
  const weight = tf.slice(
    param<tf.Tensor2D>(params, `h.${layer}.attn.c_attn.weight`),
    [0, 0],
    [C, (H + G) * D],
  );
  const projected = tf.matMul<tf.Tensor2D>(normalized, weight); // (N,(H+G)·D)
  if (!model.config.qkNorm) return projected;
  const heads = centred(tf.reshape(projected, [-1, H + G, D]));
  const gain = (part: string) => tf.reshape(param(params, `h.${layer}.attn.${part}_norm.weight`), [1, D]);
  const gains = tf.concat([tf.tile(gain("q"), [H, 1]), tf.tile(gain("k"), [G, 1])]); // (H+G,D)
  return tf.reshape(tf.mul(heads, gains), [-1, (H + G) * D]);
}
