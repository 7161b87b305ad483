/** How position enters attention: scores as sums of terms, kernels by head, frequencies in use. */
import { openingIds } from "../../data/ends.ts";
import { openActivations } from "../../probes/activations.ts";
import { openDirectPaths } from "../../probes/direct-path.ts";
import { directOf, namesForTerms, scoresOf } from "../../probes/layer-terms.ts";
import { frequenciesOf } from "../../probes/look.ts";
import type { Measurement } from "../../probes/probe.ts";
import { runProbe } from "../../probes/run.ts";
import { type Term, termsOf } from "../../probes/score-terms.ts";
import type { OpenModel } from "./open-model.ts";

/** (T,T), row by row; null at keys that a query does not see. */
export type PairValues = readonly (readonly (number | null)[])[];

/** What makes up the scores of one head in one context. */
export interface HeadTerms {
  readonly layer: number;
  readonly head: number;
  /** They add up to the scores. */
  readonly terms: readonly { readonly term: Term; readonly values: PairValues }[];
  /** Attention weights, after the softmax. */
  readonly pattern: PairValues;
}

export interface ScoresAnswer {
  readonly tokens: readonly string[];
  readonly heads: readonly HeadTerms[];
}

/** The terms of every head's scores in a sentence, straight from the embedding. */
export async function askScores(open: OpenModel, { text }: { text: string }): Promise<ScoresAnswer> {
  const { model, params, tokenizer } = open;
  const { layers, heads, causal } = model.shape;
  const ids = [...openingIds(tokenizer, open.data), ...tokenizer.encode(text)];
  const patterns = Array.from({ length: layers }, (_, layer) => `blocks.${layer}.attn.pattern`);
  const reader = openActivations(open, [...namesForTerms(model), ...patterns]);
  const paths = openDirectPaths(model, params);
  const T = ids.length;
  const seen = (values: ArrayLike<number>): PairValues =>
    Array.from({ length: T }, (_, i) =>
      Array.from({ length: T }, (_, j) => (causal && j > i ? null : (values[i * T + j] as number))),
    );
  const found: HeadTerms[] = [];
  try {
    for await (const traced of reader.trace([ids])) {
      const direct = await directOf(model, paths, traced, T);
      for (let layer = 0; layer < layers; layer++)
        for (let head = 0; head < heads; head++) {
          const parts = direct[layer]?.(head);
          if (parts === undefined) continue;
          const terms = termsOf({ ...scoresOf(model, traced, { layer, head, T }), ...parts, rest: true });
          const all = traced.activations[patterns[layer] as string]?.values as Float32Array;
          const pattern = seen(all.subarray(head * T * T, (head + 1) * T * T));
          found.push({
            ...{ layer, head, pattern },
            terms: [...terms].map(([term, values]) => ({ term, values: seen(values) })),
          });
        }
    }
  } finally {
    reader.close();
    paths.close();
  }
  return { tokens: ids.map((id) => tokenizer.token(id)), heads: found };
}

/** Contexts that the probes below read: enough for the shape of a curve, in a second of a browser. */
const KERNEL = { contexts: 16, words: 4 };
const FREQUENCIES = { contexts: 8, ablated: [] };

/** Rows of the probes about heads that fit the model. */
export async function askHeads(open: OpenModel): Promise<readonly Measurement[]> {
  const subject = { ...open, material: { windows: open.data?.windows } };
  const kernels = await runProbe("kernel", subject, 1, KERNEL);
  if (frequenciesOf(open.model).length === 0) return kernels;
  return [...kernels, ...(await runProbe("frequencies", subject, 1, FREQUENCIES))];
}
