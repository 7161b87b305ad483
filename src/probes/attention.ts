/**
 * Where does each head look? With A(i,j) the weight of key j for query i, N(i) keys that it sees:
 *
 *     by distance     a(Δ) = mean over i of A(i, i − Δ), and that over the mean of 1/N(i): what an even attention gives
 *     mean distance   mean over i of Σ_j A(i,j)·|i − j|; and its share of T
 *     entropy         mean over i of −Σ_j A(i,j)·ln A(i,j); and its share of ln N(i), over queries that see more than one key
 *     first token     mean over i ≥ 1 of A(i,0): the attention sink (Xiao et al. 2024, arXiv:2309.17453)
 *
 * Each is a mean over contexts. Far distances are averaged in ranges, four to an octave.
 */

import { z } from "zod";
import { keysSeen, type Sight, sightOf } from "../model/sight.ts";
import { meanWithError } from "../tensor/numbers.ts";
import { METRICS } from "./attention-metrics.ts";
import { contextSizes, type LayerMaps, type LayerReader, readLayers, textContexts } from "./patterns.ts";
import { defineProbe, type Row } from "./probe.ts";

type AttentionRow = Row<keyof typeof METRICS>;
type Summary = Exclude<keyof typeof METRICS, "attention_by_distance" | "attention_over_even">;

export const attention = defineProbe({
  name: "attention",
  question: "Where does each head look?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject(contextSizes),
  async run(subject, sizes) {
    const { windows } = subject.material;
    const { model } = subject;
    const { heads, causal } = model.shape;
    const contexts = textContexts(subject, windows, sizes);
    const length = Math.max(...contexts.map((tokens) => tokens.length));
    const ranges = rangesOf(length, causal);
    const rows = await readLayers(subject, contexts, ["pattern"], (layer) =>
      layerReader(heads, sightOf(model, layer), ranges, { layer, length, split: windows.split }),
    );
    return rows.flat();
  },
});

/** First and last distance of a range. */
type Range = readonly [from: number, to: number];

/**
 * Each distance below 32, then four ranges an octave; the same to the other side where keys after
 * the query are seen.
 */
export function rangesOf(T: number, causal: boolean): Range[] {
  const ranges: Range[] = [];
  for (let from = 0; from < T; ) {
    const size = from < 32 ? 1 : 2 ** (Math.floor(Math.log2(from)) - 2);
    ranges.push([from, Math.min(T, from + size) - 1]);
    from += size;
  }
  const after = ranges.slice(1).map(([from, to]): Range => [-to, -from]);
  return causal ? ranges : [...after.reverse(), ...ranges];
}

type Place = { readonly layer: number; readonly length: number; readonly split: string };

/** Values of one head, one for each context that has them. */
interface HeadValues {
  readonly summaries: Readonly<Record<Summary, number[]>>;
  readonly byRange: { readonly weight: number[]; readonly even: number[] }[];
}

function layerReader(
  heads: number,
  sight: Sight,
  ranges: readonly Range[],
  place: Place,
): LayerReader<AttentionRow[]> {
  const all = Array.from({ length: heads }, (): HeadValues => {
    const none = () => [] as number[];
    return {
      summaries: {
        mean_distance: none(),
        mean_distance_share: none(),
        attention_entropy: none(),
        attention_entropy_share: none(),
        first_token_attention: none(),
      },
      byRange: ranges.map(() => ({ weight: none(), even: none() })),
    };
  });
  return {
    add({ tokens, maps }: LayerMaps) {
      const T = tokens.length;
      for (const [head, values] of all.entries()) {
        const A = (maps.pattern as Float32Array).subarray(head * T * T, (head + 1) * T * T);
        addSums(values, sumsOf(A, T, sight), T, ranges);
      }
    },
    end: () => all.flatMap((values, head) => headRows(values, ranges, { ...place, head })),
  };
}

/** Sums over the queries of one head in one context; those by distance have Δ at index T − 1 + Δ. */
interface Sums {
  readonly weight: Float64Array;
  /** Of the weights of even attention. */
  readonly even: Float64Array;
  /** Pairs of a query and a key. */
  readonly pairs: Float64Array;
  readonly distance: number;
  readonly entropy: number;
  /** Means, over queries that see more than one key, and over those after the first. */
  readonly entropyShare: number;
  readonly first: number;
}

/** @param A (T,T) */
function sumsOf(A: Float32Array, T: number, sight: Sight): Sums {
  const byDistance = () => new Float64Array(2 * T - 1);
  const [weight, even, pairs] = [byDistance(), byDistance(), byDistance()];
  let [distance, entropy, share, several, first] = [0, 0, 0, 0, 0];
  for (let i = 0; i < T; i++) {
    const [from, end] = keysSeen(sight, i, T);
    const keys = end - from;
    let nats = 0;
    for (let j = from; j < end; j++) {
      const a = A[i * T + j] as number;
      const at = T - 1 + i - j;
      weight[at] = (weight[at] as number) + a;
      even[at] = (even[at] as number) + 1 / keys;
      pairs[at] = (pairs[at] as number) + 1;
      distance += a * Math.abs(i - j);
      if (a > 0) nats -= a * Math.log(a);
    }
    entropy += nats;
    if (keys > 1) {
      share += nats / Math.log(keys);
      several++;
    }
    if (i > 0) first += A[i * T] as number;
  }
  const entropyShare = share / several;
  return { weight, even, pairs, distance, entropy, entropyShare, first: first / (T - 1) };
}

function addSums(
  { summaries, byRange }: HeadValues,
  { weight, even, pairs, distance, entropy, entropyShare, first }: Sums,
  T: number,
  ranges: readonly Range[],
): void {
  summaries.mean_distance.push(distance / T);
  summaries.mean_distance_share.push(distance / T / T);
  summaries.attention_entropy.push(entropy / T);
  summaries.attention_entropy_share.push(entropyShare);
  summaries.first_token_attention.push(first);
  for (const [r, [from, to]] of ranges.entries()) {
    if (Math.min(Math.abs(from), Math.abs(to)) >= T) continue; // of a context that is shorter
    const sum = (of: Float64Array) =>
      of.subarray(Math.max(0, T - 1 + from), T + to).reduce((total, value) => total + value, 0);
    if (sum(pairs) === 0) continue; // past the window
    byRange[r]?.weight.push(sum(weight) / sum(pairs));
    byRange[r]?.even.push(sum(weight) / sum(even));
  }
}

function headRows(
  { summaries, byRange }: HeadValues,
  ranges: readonly Range[],
  at: Place & { readonly head: number },
): AttentionRow[] {
  const whole = (Object.keys(summaries) as Summary[]).map(
    (metric): AttentionRow => ({ metric, ...meanWithError(summaries[metric]), at }),
  );
  const curves = ranges.flatMap(([from, to], r): AttentionRow[] => {
    const { weight, even } = byRange[r] as HeadValues["byRange"][number];
    if (weight.length === 0) return [];
    const where = { ...at, distance: from, ...(to === from ? {} : { to }) };
    return [
      { metric: "attention_by_distance", ...meanWithError(weight), at: where },
      { metric: "attention_over_even", ...meanWithError(even), at: where },
    ];
  });
  return [...whole, ...curves];
}
