/**
 * How does attention fall with distance, whatever the words? The positional kernel of a head is its
 * attention by offset, averaged over contexts and over queries that all see the same offsets, none
 * of them at the first token:
 *
 *     causal          queries i = N … T − 1, offsets 0 … N − 1, N = ⌊3T/4⌋
 *     bidirectional   queries i = M + 1 … T − M − 1, offsets −M … M, M = ⌊3T/8⌋ or less
 *
 * divided by its sum, so that it is a distribution over offsets. A second one comes from contexts
 * of one word repeated, which no content tells apart (identical-word probing, Wang et al. 2021).
 *
 * A kernel's class:
 *
 *     uniform   ½·Σ|kernel − even| ≤ `flat`: it is nearly even
 *     local     else, at least `local` of it lies within `near` tokens of the query, itself included
 *     slow      else
 */

import { z } from "zod";
import { type Sight, sightOf } from "../model/sight.ts";
import { meanWithError } from "../tensor/numbers.ts";
import { shuffled } from "../tensor/rng.ts";
import { rangesOf } from "./attention.ts";
import { contextSizes, type LayerReader, readSets, textContexts, wordsOf } from "./patterns.ts";
import { defineProbe, type Metric, type Row } from "./probe.ts";

const METRICS = {
  positional_kernel: {
    title: "positional kernel",
    unit: "share",
    better: "neither",
    meaning:
      "The share of a head's attention that falls on the key so many tokens before the query, averaged over contexts: what distance alone says. Far distances are averaged in ranges.",
  },
  kernel_near: {
    title: "kernel near the query",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of the positional kernel on the nearest tokens. Where it is one half or more the head's class is local; a head that is nearly even is uniform, and any other slow.",
  },
  kernel_from_even: {
    title: "kernel's distance from even",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of the positional kernel that would have to move to make it even (total variation): 0 is even, near 1 all on one key.",
    null: { value: 0, of: "a model without positions that is fed one word: nothing tells keys apart" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type KernelRow = Row<keyof typeof METRICS>;

/** What decides a kernel's class. */
interface Rule {
  readonly near: number;
  readonly local: number;
  readonly flat: number;
}

export const kernel = defineProbe({
  name: "kernel",
  question: "How does each head's attention fall with distance, whatever the words?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    ...contextSizes,
    contexts: contextSizes.contexts.default(64),
    /** Words that are repeated, each in a context of its own. */
    words: z.int().positive().max(65_536).default(8),
    /** A kernel is local where … */
    near: z.int().positive().max(16_384).default(4),
    /** … this share of it lies within so many tokens of the query … */
    local: z.number().positive().max(1).default(0.5),
    /** … and uniform where it is no further from even. */
    flat: z.number().min(0).max(1).default(0.1),
  }),
  large: { contexts: 24 },
  async run(subject, { words, near, local, flat, ...sizes }, rng) {
    const { windows } = subject.material;
    const text = textContexts(subject, windows, sizes);
    const length = Math.max(...text.map((tokens) => tokens.length));
    const whole = text.filter((tokens) => tokens.length === length);
    const repeated = shuffled(wordsOf(subject), rng)
      .slice(0, words)
      .map((word) => new Array<number>(length).fill(word));
    const rule = { near, local, flat };
    const places = [
      { fed: "text", split: windows.split, length },
      { fed: "one word", length },
    ];
    const { model } = subject;
    const rows = await readSets(subject, [whole, repeated], ["pattern"], (layer, set) =>
      layerReader(model.shape.heads, sightOf(model, layer), length, rule, { ...places[set], layer }),
    );
    return rows.flat();
  },
});

/** Queries that all see the same offsets, and those. */
export interface Span {
  readonly queries: readonly [first: number, end: number];
  readonly offsets: readonly [least: number, most: number];
}

export function spanOf(T: number, { causal, window = T }: Sight): Span {
  if (causal) {
    const N = Math.floor((3 * T) / 4);
    return { queries: [N, T], offsets: [0, Math.min(N, window) - 1] };
  }
  const M = Math.min(Math.floor((3 * T) / 8), Math.floor(T / 2) - 1);
  return { queries: [M + 1, T - M], offsets: [-Math.min(M, window - 1), Math.min(M, window - 1)] };
}

function layerReader(
  heads: number,
  sight: Sight,
  T: number,
  rule: Rule,
  at: KernelRow["at"],
): LayerReader<KernelRow[]> {
  const span = spanOf(T, sight);
  const kernels = Array.from({ length: heads }, () => [] as Float64Array[]);
  return {
    add({ maps }) {
      for (const [head, own] of kernels.entries()) {
        const A = (maps.pattern as Float32Array).subarray(head * T * T, (head + 1) * T * T);
        own.push(kernelOf(A, T, span));
      }
    },
    end: () => kernels.flatMap((own, head) => headRows(own, span, rule, sight.causal, { ...at, head })),
  };
}

/** Attention by offset, least first, of sum 1. @param A (T,T) */
export function kernelOf(A: ArrayLike<number>, T: number, { queries, offsets }: Span): Float64Array {
  const [least, most] = offsets;
  const sums = new Float64Array(most - least + 1);
  let total = 0;
  for (let i = queries[0]; i < queries[1]; i++) {
    for (let offset = least; offset <= most; offset++) {
      const weight = A[i * T + i - offset] as number;
      sums[offset - least] = (sums[offset - least] as number) + weight;
      total += weight;
    }
  }
  // All attention may lie past these offsets; then no offset is preferred.
  return sums.map((sum) => (total === 0 ? 1 / sums.length : sum / total));
}

function headRows(
  kernels: readonly Float64Array[],
  { offsets: [least, most] }: Span,
  rule: Rule,
  causal: boolean,
  at: KernelRow["at"],
): KernelRow[] {
  const size = most - least + 1;
  const within = (kernel: Float64Array, from: number, to: number) =>
    kernel.subarray(Math.max(0, from - least), to - least + 1).reduce((sum, share) => sum + share, 0);
  const near = meanWithError(kernels.map((kernel) => within(kernel, 1 - rule.near, rule.near - 1)));
  const fromEven =
    Array.from({ length: size }, (_, k) => meanWithError(kernels.map((kernel) => kernel[k] as number)).value)
      .map((share) => Math.abs(share - 1 / size))
      .reduce((sum, apart) => sum + apart, 0) / 2;
  const kind = fromEven <= rule.flat ? "uniform" : near.value >= rule.local ? "local" : "slow";
  const curve = rangesOf(most + 1, causal).map(([from, to]): KernelRow => {
    const shares = kernels.map((kernel) => within(kernel, from, to) / (to - from + 1));
    const where = { ...at, distance: from, ...(to === from ? {} : { to }) };
    return { metric: "positional_kernel", ...meanWithError(shares), at: where };
  });
  return [
    { metric: "kernel_near", ...near, at: { ...at, within: rule.near - 1, class: kind } },
    { metric: "kernel_from_even", value: fromEven, n: kernels.length, at: { ...at, class: kind } },
    ...curve,
  ];
}
