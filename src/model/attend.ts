/** Weights of attention and what they mix, of one block and one run of queries. */
import type { AttentionState, PositionEncoding } from "../encodings/encoding.ts";
import { fusedAttention, fusesAttention } from "../tensor/fused-attention.ts";
import { tf } from "../tensor/tf.ts";
import type { Heads } from "./attention-parts.ts";
import { hideUnseen, type Sight, seesAll } from "./sight.ts";
import { type Tap, untapped } from "./taps.ts";

/** What a pass does to weights and activations in training. */
export type Drop = (x: tf.Tensor) => tf.Tensor;

/** No dropout. */
export const undropped: Drop = (x) => x;

export interface Attending {
  readonly encoding: PositionEncoding;
  readonly sight: Sight;
  readonly D: number;
  /** (H) */
  readonly sinks: tf.Tensor1D | undefined;
  readonly drop: Drop;
  readonly tap: Tap;
  /** What a tap's names begin with. */
  readonly at: (activation: string) => string;
}

/** softmax(scores)·v + values, (B,H,T,D). */
export function attend(how: Attending, heads: Heads): tf.Tensor4D {
  const { encoding, sight, D, tap, at } = how;
  const { q, k, v, first, mask, ...seen } = heads;
  const scale = encoding.scale ?? 1 / Math.sqrt(D);
  let scores: tf.Tensor4D | undefined;
  const state: AttentionState = {
    ...{ ...seen, q, k, first, scale, causal: sight.causal },
    // Scores that no bias looks at need not be written down.
    get scores() {
      scores ??= maskedScores(heads, sight, scale);
      return scores;
    },
  };
  const added = encoding.bias?.(state);
  if (scores === undefined && isPlain(how, heads) && fusesAttention()) {
    return fusedAttention(q, k, v, added, { scale, first, causal: sight.causal });
  }
  const bias = added && tap(at("bias"), added);
  return mixed(how, v, bias ? (tf.add(state.scores, bias) as tf.Tensor4D) : state.scores, state);
}

/** Whether neither scores nor a bias are ever whole in memory, so that a long context needs no parts. */
export const holdsNoScores = (how: Attending, heads: Heads): boolean =>
  how.encoding.bias === undefined && isPlain(how, heads) && fusesAttention();

/** Whether nothing but scores, a bias and a causal mask decides, and nobody looks at the weights. */
function isPlain({ encoding, sight, sinks, drop, tap }: Attending, { q, k, v, first, mask }: Heads): boolean {
  const [, , T, D] = q.shape;
  const alone = drop === undropped && tap === untapped && !sinks && !mask && !encoding.values;
  return alone && seesAll(sight, first, T, k.shape[2]) && v.shape[3] === D;
}

function maskedScores({ q, k, first, mask }: Heads, sight: Sight, scale: number): tf.Tensor4D {
  const products = tf.mul(scale, tf.matMul(q, k, false, true)) as tf.Tensor4D; // (B,H,T,S)
  const ordered = hideUnseen(products, first, sight);
  return mask ? (tf.add(ordered, mask) as tf.Tensor4D) : ordered;
}

/** @param biased (B,H,T,S) */
function mixed(
  { encoding, sinks, drop, tap, at }: Attending,
  v: tf.Tensor4D,
  biased: tf.Tensor4D,
  state: AttentionState,
): tf.Tensor4D {
  const scores = tap(at("attn_scores"), biased);
  const weights = tap(
    at("pattern"),
    sinks ? softmaxBeside(sinks, scores) : (tf.softmax(scores) as tf.Tensor4D),
  );
  const z = tf.matMul(drop(weights), v) as tf.Tensor4D; // (B,H,T,D)
  const extra = encoding.values?.({ ...state, weights });
  return extra ? (tf.add(z, tap(at("pos_values"), extra)) as tf.Tensor4D) : z;
}

/**
 * Softmax over the scores and one more of each head, whose weight goes nowhere (gpt-oss; Xiao et
 * al. 2024, arXiv:2309.17453).
 */
function softmaxBeside(sinks: tf.Tensor1D, scores: tf.Tensor4D): tf.Tensor4D {
  const [B, H, T, S] = scores.shape;
  const sink = tf.add(tf.zeros([B, H, T, 1]), tf.reshape(sinks, [1, H, 1, 1]));
  return tf.slice(tf.softmax(tf.concat([scores, sink], 3)), [0, 0, 0, 0], [-1, -1, -1, S]) as tf.Tensor4D;
}
