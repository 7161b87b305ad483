/**
 * Taps read or replace named activations of a forward pass.
 *
 * The names are TransformerLens's without its `hook_`; shapes are this repository's, with heads
 * before positions:
 *
 *     embed, pos_embed                            (B,T,C), (T,C)
 *     blocks.L.resid_pre, .attn_out, .resid_mid, .mlp_out, .resid_post    (B,T,C)
 *     blocks.L.attn.q_projected, .k_projected     (B,H,T,D) before their norm, where the model has `qkNorm`; keys have G heads
 *     blocks.L.attn.q, .k                         (B,H,T,D) before the encoding's `transform`; keys have G heads
 *     blocks.L.attn.rot_q, .rot_k                 (B,H,T,D) after it, where it has one
 *     blocks.L.attn.temperature                   (H,T) or (1,T), the factor on queries, where the model has one
 *     blocks.L.attn.v, .z                         (B,G,T,D), (B,H,T,D)
 *     blocks.L.attn.bias                          what the encoding adds to scores, where it does; broadcasts to (B,H,T,S)
 *     blocks.L.attn.pos_values                    what it adds to the mixed values, where it does: (B,H,T,D)
 *     blocks.L.attn.attn_scores, .pattern         (B,H,T,S)
 */
import { tf } from "../tensor/tf.ts";

/**
 * Sees the activation `name` and returns what the pass goes on with: the same tensor, or another of
 * its shape.
 */
export type Tap = <T extends tf.Tensor>(name: string, activation: T) => T;

export const untapped: Tap = (_name, activation) => activation;

/** Both, the first one first: what it returns is what the second one sees. */
export function bothTaps(first: Tap = untapped, second: Tap = untapped): Tap {
  if (first === untapped) return second;
  if (second === untapped) return first;
  return (name, activation) => second(name, first(name, activation));
}

/**
 * A tap that keeps the activations of these names in `kept`.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * const kept: Record<string, tf.Tensor> = {};
 * const params = initialize(model.specs, 1);
 * forward(model, params, tf.tensor2d([[1, 2, 3]], [1, 3], "int32"), tf.tensor1d([0, 1, 2]), { tap: keepInto(kept, ["blocks.0.attn.pattern"]) });
 * assert.deepEqual(kept["blocks.0.attn.pattern"]?.shape, [1, 2, 3, 3]); // (B,H,T,S)
 */
export function keepInto(kept: Record<string, tf.Tensor>, names: readonly string[]): Tap {
  const wanted = new Set(names);
  return (name, activation) => {
    // A copy: an output of a compiled function must not be the same tensor as another.
    if (wanted.has(name)) kept[name] = tf.clone(activation);
    return activation;
  };
}
