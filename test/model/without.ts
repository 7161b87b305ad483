/** Models with parts taken out, and what is left in them. */
import { ablated, type Means } from "../../src/model/ablate.ts";
import { parseAblation } from "../../src/model/ablations.ts";
import type { Model } from "../../src/model/model.ts";
import { contiguous, positionsOf } from "../../src/model/positions.ts";
import { keepInto } from "../../src/model/taps.ts";
import { forward } from "../../src/model/transformer.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { idsTensor, logitsFor, someTokens } from "./small.ts";

/** float32 against the same sums in another order, logits of size 1. */
export const ROUNDING = 1e-5;

export const without = (model: Model, texts: readonly string[], means?: Means) =>
  ablated(
    model,
    texts.map((text) => parseAblation(model, text)),
    means,
  );
/** Of two contexts, without some parts. */
export const logitsWithout = (model: Model, params: Params, ...texts: string[]) =>
  logitsFor(without(model, texts), params, someTokens());

/** The same shape and weights without what the encoding adds; its scale stays. */
export function bare(model: Model): Model {
  const { scale } = model.encoding;
  return { ...model, encoding: scale === undefined ? {} : { scale } };
}

/** One activation as numbers, (B,T,C) or (B,H,·,·). */
export function keptOf(model: Model, params: Params, name: string, tokens = someTokens()) {
  return tf.tidy(() => {
    const kept: Record<string, tf.Tensor> = {};
    const length = (tokens[0] as readonly number[]).length;
    const positions = tf.tensor1d(positionsOf(contiguous, length));
    forward(model, params, idsTensor(tokens), positions, { tap: keepInto(kept, [name]) });
    return kept[name]?.arraySync();
  }) as number[][][][];
}
