/** Losses of a small model in scalar double precision, and text for probes that need windows. */

import type { Windows } from "../../src/data/index.ts";
import { memoryStore, windowsOf } from "../../src/data/token-store.ts";
import { charactersTokenizer } from "../../src/data/tokenizers/characters.ts";
import type { Model } from "../../src/model/model.ts";
import type { Params } from "../../src/tensor/params.ts";
import { type Reference, referenceLogits } from "../model/reference.ts";
import { someTokens, V } from "../model/small.ts";

/** A tokenizer of V single characters, none of them special. */
export const tokenizer = charactersTokenizer([..."abcdefghijk"].slice(0, V));

/** Windows of a text of random tokens, which lie evenly over it. */
export const randomText = (length: number, seed = 5): Windows =>
  windowsOf(memoryStore(Int32Array.from(someTokens(1, length, seed)[0] as number[]), length), "a text");

/** The model in scalar loops: `none`, `learned`, or `alibi` with two heads. */
export function referenceOf({ definition, shape }: Model, params: Params): Reference {
  const values = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, Array.from(value.dataSync())]),
  );
  const { layers, heads, width, causal } = shape;
  const { kind } = definition;
  const slopes = [2 ** -4, 2 ** -8]; // of two heads (Press et al. 2022, section 3)
  return {
    ...{ layers, heads, width, causal, values, preNorm: true, tied: true, tokenScale: 1 },
    ...(kind === "alibi" && {
      bias: (_layer: number, head: number, i: number, j: number) =>
        -(slopes[head] as number) * Math.abs(i - j),
    }),
    ...(kind === "learned" && {
      embed: (t: number) => (values["wpe.weight"] as number[]).slice(t * width, (t + 1) * width),
    }),
  };
}

/** log p of each token after each of the context's, (T,V), in nats. */
export function referenceLogProbs(reference: Reference, tokens: readonly number[]): number[][] {
  return referenceLogits(reference, tokens).map((logits) => {
    const highest = Math.max(...logits);
    const log = highest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - highest), 0));
    return logits.map((z) => z - log);
  });
}

/** −log p of each token of a sequence but the first, given all before it. */
export function referenceNll(reference: Reference, sequence: readonly number[]): number[] {
  return referenceLogProbs(reference, sequence.slice(0, -1)).map(
    (row, t) => -(row[sequence[t + 1] as number] as number),
  );
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** s/√n */
export const errorOf = (values: readonly number[]): number =>
  Math.sqrt(
    values.reduce((sum, v) => sum + (v - meanOf(values)) ** 2, 0) / (values.length - 1) / values.length,
  );
