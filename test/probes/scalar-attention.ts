/**
 * What tests of probes of attention share: a subject that reads given contexts, and its patterns in
 * scalar loops.
 */
import type { Windows } from "../../src/data/index.ts";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import type { Model } from "../../src/model/model.ts";
import type { Measurement, MeasurementSite, Subject } from "../../src/probes/probe.ts";
import type { Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { type Reference, referenceLogits } from "../model/reference.ts";

/** Of 11 ids with its three special ones, as models of `small.ts` have. */
export const tokenizer = wordsTokenizer(["<bos>", "<mask>", "<pad>", "a", "b", "c", "d", "e", "f", "g", "h"]);

/** Contexts of words, the same at each call. */
export function someWords(contexts: number, length: number, seed = 1): number[][] {
  const rng = createRng(seed, "test/words");
  const ids = tokenizer.encode("a b c d e f g h");
  return Array.from({ length: contexts }, () =>
    Array.from({ length }, () => ids[rng.integer(ids.length)] as number),
  );
}

/** A subject whose running text is these contexts, over and over. */
export function subjectReading(
  model: Model,
  params: Params,
  contexts: readonly (readonly number[])[],
): Subject & { readonly material: { readonly windows: Windows } } {
  const window: Windows["window"] = (index, size, length) => {
    const rows = Array.from(
      { length: size },
      (_, b) => contexts[(index * size + b) % contexts.length] as number[],
    );
    const tokens = Int32Array.from(rows.flatMap((row) => row.slice(0, length)));
    return { tokens, targets: tokens, batch: size, length };
  };
  return { model, params, tokenizer, material: { windows: { split: "text", seed: 1, window } } };
}

/** Terms of the scores that an encoding adds, as numbers. */
export type Terms = Pick<Reference, "embed" | "bias">;

/**
 * Scores and patterns by layer, head, query and key, in double precision; keys that a query does
 * not see are 0.
 */
export interface ScalarAttention {
  readonly scores: number[][][][];
  readonly pattern: number[][][][];
}

export function scalarAttention(
  { config, shape }: Model,
  params: Params,
  tokens: readonly number[],
  terms: Terms = {},
): ScalarAttention {
  const T = tokens.length;
  const empty = () =>
    Array.from({ length: shape.layers }, () =>
      Array.from({ length: shape.heads }, () =>
        Array.from({ length: T }, () => new Array<number>(T).fill(0)),
      ),
    );
  const read: ScalarAttention = { scores: empty(), pattern: empty() };
  const put = (into: number[][][][], layer: number, head: number, i: number, row: readonly number[]) =>
    row.forEach((value, j) => {
      (into[layer]?.[head]?.[i] as number[])[j] = value;
    });
  const reference: Reference = {
    ...{ layers: shape.layers, heads: shape.heads, width: shape.width, causal: shape.causal },
    ...{ preNorm: config.norm === "pre", tied: config.tied, tokenScale: config.tokenScale, ...terms },
    values: Object.fromEntries(Object.entries(params).map(([name, t]) => [name, Array.from(t.dataSync())])),
    look(layer, head, i, scores, weights) {
      put(read.scores, layer, head, i, scores);
      put(read.pattern, layer, head, i, weights);
    },
  };
  referenceLogits(reference, tokens);
  return read;
}

/** The value of the one row of a metric whose place has these coordinates. */
export function valueAt(rows: readonly Measurement[], metric: string, at: MeasurementSite): number {
  const found = rows.filter(
    (row) => row.metric === metric && Object.entries(at).every(([name, value]) => row.at[name] === value),
  );
  if (found.length !== 1)
    throw new RangeError(`${found.length} rows of ${metric} at ${JSON.stringify(at)}, not one`);
  return found[0]?.value as number;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
