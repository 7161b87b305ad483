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
 * `pathOf` leaves σ out, which is a number of each token: `sigmasOf` has it from a pass's
 * activations. Biases belong to no part.
 */
import { compile } from "../engine/compile.ts";
import type { Model } from "../model/config.ts";
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
  const layers = Array.from({ length: model.shape.layers }, (_, layer) => normsBefore(model, layer));
  return [...new Set(layers.flat().flatMap(({ reads }) => reads))];
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
      const x = Float64Array.from({ length: C }, (_, c) => at(c));
      const mean = centres(model) ? x.reduce((sum, value) => sum + value, 0) / C : 0;
      const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / C;
      product[t] = (product[t] as number) * Math.sqrt(variance + model.config.normEpsilon);
    }
  }
  return product;
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
  const centred = (y: tf.Tensor2D) => (centres(model) ? tf.sub(y, tf.mean(y, 1, true)) : y);
  const normalized = normsBefore(model, layer).reduce(
    (y, { name }) => tf.mul(centred(y), param(params, `${name}.weight`)) as tf.Tensor2D,
    x,
  );
  const weight = tf.slice(
    param<tf.Tensor2D>(params, `h.${layer}.attn.c_attn.weight`),
    [0, 0],
    [C, (H + G) * D],
  );
  return tf.matMul(normalized, weight);
}
