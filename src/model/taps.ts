/**
 * Taps read or replace named activations of a forward pass.
 *
 * The names are TransformerLens's without its `hook_`; shapes are this repository's, with heads before positions:
 *
 *     embed, pos_embed                            (B,T,C), (T,C)
 *     blocks.L.resid_pre, .attn_out, .resid_mid, .mlp_out, .resid_post    (B,T,C)
 *     blocks.L.attn.q, .k, .v, .z                 (B,H,T,D)
 *     blocks.L.attn.attn_scores, .pattern         (B,H,T,S)
 */
import { tf } from "../tensor/tf.ts";

/** Sees the activation `name` and returns what the pass goes on with: the same tensor, or another of its shape. */
export type Tap = <T extends tf.Tensor>(name: string, activation: T) => T;

export const untapped: Tap = (_name, activation) => activation;

/** A tap that keeps the activations of these names in `kept`. */
export function keepInto(kept: Record<string, tf.Tensor>, names: readonly string[]): Tap {
  const wanted = new Set(names);
  return (name, activation) => {
    // A copy: an output of a compiled function must not be the same tensor as another.
    if (wanted.has(name)) kept[name] = tf.clone(activation);
    return activation;
  };
}
