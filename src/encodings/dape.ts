/**
 * DAPE: what another bias says of a pair of tokens, corrected by what the heads make of the scores
 * there.
 *
 *     scores = A + B + f([A; B])        A = q·kᵀ/√D,  B the bias of `prior`,  f a network over heads
 *
 * f has one hidden layer with leaky ReLUs and reads, for each query and key, the 2H numbers of A and
 * B there (`kernel` 1: Zheng et al. 2024a), or those of the keys beside it too (`kernel` 3, DAPE V2's
 * 1×3 convolution over the map of scores). What a query does not see counts as 0, as in the authors'
 * code, so that nothing later shows.
 *
 * Zheng et al. 2024, "DAPE", arXiv:2405.14722; "DAPE V2", arXiv:2410.04798.
 */
import { z } from "zod";
import { linear } from "../tensor/ops.ts";
import { normal, param, zeros } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { alibi } from "./alibi.ts";
import { defineEncoding } from "./encoding.ts";
import { kerple } from "./kerple.ts";

const [IN, IN_BIAS, OUT, OUT_BIAS] = ["dape.in", "dape.in.bias", "dape.out", "dape.out.bias"] as const;
/** Scores below are those of keys that are hidden. */
const SEEN = -1e8;
/** Of a leaky ReLU, PyTorch's default. */
const LEAK = 0.01;

export const dape = defineEncoding({
  kind: "dape",
  title: "DAPE",
  source: "Zheng et al. 2024, arXiv:2405.14722; arXiv:2410.04798",
  relative: true,
  config: z.strictObject({
    prior: z.enum(["alibi", "kerple"]).default("kerple"),
    /** Keys that are read beside each other, an odd number. */
    kernel: z
      .int()
      .positive()
      .max(63)
      .refine((size) => size % 2 === 1, "must be odd")
      .default(3),
    /** Width of the hidden layer. */
    hidden: z.int().positive().max(65_536).default(32),
  }),
  create({ prior: name, kernel, hidden }, shape) {
    const { heads: H } = shape;
    const prior =
      name === "alibi" ? alibi.create({}, shape) : kerple.create({ variant: "log", inside: false }, shape);
    const read = 2 * H * kernel;
    return {
      layerParams: {
        ...prior.layerParams,
        [IN]: { shape: [read, hidden], init: normal(1 / Math.sqrt(read)) },
        [IN_BIAS]: { shape: [hidden], init: zeros },
        [OUT]: { shape: [hidden, H], init: normal(1 / Math.sqrt(hidden)) },
        [OUT_BIAS]: { shape: [H], init: zeros },
      },
      bias(state) {
        const { params, scores } = state;
        const B = tf.add(tf.zerosLike(scores), prior.bias?.(state) as tf.Tensor); // (B,H,T,S)
        const seen = tf.clipByValue(tf.sub(scores, SEEN), 0, 1); // a comparison of scores has no gradient in tfjs 4.22
        const both = tf.concat([tf.mul(scores, seen), tf.mul(B, seen)], 1); // (B,2H,T,S)
        const beside = besideKeys(tf.transpose(both, [0, 2, 3, 1]) as tf.Tensor4D, kernel); // (B,T,S,2H·kernel)
        const inner = linear(beside, param<tf.Tensor2D>(params, IN), param<tf.Tensor1D>(params, IN_BIAS));
        const bent = tf.maximum(inner, tf.mul(LEAK, inner)) as tf.Tensor4D;
        const added = linear(bent, param<tf.Tensor2D>(params, OUT), param<tf.Tensor1D>(params, OUT_BIAS));
        return tf.add(B, tf.transpose(added, [0, 3, 1, 2]));
      },
    };
  },
});

/** Each key with those around it, 0 past the ends. @param x (B,T,S,N) @returns (B,T,S,N·kernel) */
function besideKeys(x: tf.Tensor4D, kernel: number): tf.Tensor4D {
  if (kernel === 1) return x;
  const [, , S] = x.shape;
  const half = (kernel - 1) / 2;
  const padded = tf.pad(x, [
    [0, 0],
    [0, 0],
    [half, half],
    [0, 0],
  ]);
  const moved = Array.from({ length: kernel }, (_, n) => tf.slice(padded, [0, 0, n, 0], [-1, -1, S, -1]));
  return tf.concat(moved, 3);
}
