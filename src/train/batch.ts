/**
 * From the data's arrays to the engine's tensors, checked on the way: no kernel sees a token or
 * position that does not exist.
 */
import type { Batch, Data } from "../data/index.ts";
import { maskBatch } from "../data/masking.ts";
import { InputError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { contiguous, definedPositions, type Scheme } from "../model/positions.ts";
import { requireTokens } from "../model/tokens.ts";
import { createRng, type Rng } from "../tensor/rng.ts";
import { tf } from "../tensor/tf.ts";
import type { TrainConfig } from "./config.ts";
import type { BatchTensors } from "./objective.ts";

/**
 * The tensors of a batch; the caller disposes of them.
 *
 * @throws InputError for a token outside the vocabulary, PositionError for a position that the
 *   encoding does not define.
 */
export function batchTensors(
  model: Model,
  batch: Batch,
  scheme: Scheme = contiguous,
  rng?: Rng,
): BatchTensors {
  const { tokens, targets, weights, batch: B, length: T } = batch;
  const shape: [number, number] = [B, T];
  const positions = definedPositions(model, scheme, T, rng);
  requireTokens(model, tokens);
  requireTokens(model, targets);
  return {
    tokens: tf.tensor2d(tokens, shape, "int32"),
    targets: tf.tensor2d(targets, shape, "int32"),
    weights: weights ? tf.tensor2d(weights, shape) : tf.ones(shape),
    positions: tf.tensor1d(positions),
  };
}

/**
 * A batch as the objective wants it: masked language modelling hides tokens, by random numbers that
 * depend on `stream` alone.
 *
 * @throws InputError where the objective needs a mask token that the vocabulary lacks.
 */
export function forObjective(
  data: Pick<Data, "tokenizer" | "special">,
  batch: Batch,
  objective: TrainConfig["objective"],
  seed: number,
  stream: string,
): Batch {
  if (objective === "causal") return batch;
  const { mask: maskId, vocabSize } = data.tokenizer;
  if (maskId === undefined) {
    throw new InputError('train.objective: "masked" needs a tokenizer with <mask>; this one has none');
  }
  return maskBatch(batch, createRng(seed, stream), { maskId, vocabSize, special: data.special });
}
