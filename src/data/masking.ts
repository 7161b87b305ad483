/**
 * The masked objective of BERT (Devlin et al. 2019, §3.1): of 15 % of the tokens, 80 % become
 * `<mask>`, 10 % another word and 10 % stay, and only these are predicted.
 *
 * As in the authors' code, the count is exact in each row and at least one, so no batch is without a target.
 */
import { InputError } from "../errors.ts";
import type { Rng } from "../tensor/rng.ts";
import type { Batch } from "./batches.ts";

export interface MaskOptions {
  /** Share of a row's tokens to predict, in (0, 1]; BERT's .15 when left out. */
  readonly rate?: number;
  readonly maskId: number;
  readonly vocabSize: number;
  /**
   * Ids never chosen and never put in place of a word, such as `<bos>` and `<pad>`; `maskId` is one
   * of itself.
   */
  readonly special?: readonly number[];
}

/**
 * A batch whose targets are its own tokens, weight 1 where they were chosen and 0 elsewhere.
 * @param rng One stream a step, such as `data/mask/<step>`, keeps a resumed run on the same bits.
 * @throws InputError when the rate is outside (0, 1] or the vocabulary holds special tokens only.
 */
export function maskBatch(batch: Batch, rng: Rng, options: MaskOptions): Batch {
  const { rate = 0.15, maskId, vocabSize } = options;
  const special = new Set([...(options.special ?? []), maskId]);
  const words = Array.from({ length: vocabSize }, (_, id) => id).filter((id) => !special.has(id));
  if (!(rate > 0 && rate <= 1))
    throw new InputError(`masking: rate ${rate} is outside (0, 1]; BERT's is 0.15`);
  if (words.length === 0)
    throw new InputError(`masking: all ${vocabSize} tokens are special; give a vocabulary of words`);
  const tokens = batch.tokens.slice(); // (B,L)
  const weights = new Float32Array(tokens.length); // (B,L)
  for (let row = 0; row < batch.batch; row++) {
    for (const place of choose(batch, row, rate, special, rng)) {
      weights[place] = 1;
      const draw = rng.uniform();
      if (draw < 0.8) tokens[place] = maskId;
      else if (draw < 0.9) tokens[place] = words[rng.integer(words.length)] ?? maskId;
    }
  }
  return { tokens, targets: batch.tokens.slice(), weights, batch: batch.batch, length: batch.length };
}

/** Places of `row` to predict: a partial Fisher-Yates over those that hold words. */
function choose(batch: Batch, row: number, rate: number, special: ReadonlySet<number>, rng: Rng): number[] {
  const places: number[] = [];
  for (let place = row * batch.length; place < (row + 1) * batch.length; place++) {
    if (!special.has(batch.tokens[place] ?? -1)) places.push(place);
  }
  const count = Math.min(places.length, Math.max(1, Math.round(rate * places.length)));
  for (let i = 0; i < count; i++) {
    const j = i + rng.integer(places.length - i);
    [places[i], places[j]] = [places[j] ?? 0, places[i] ?? 0];
  }
  return places.slice(0, count);
}
