/**
 * Does attention at a fixed distance depend on the absolute position? Of the variance of A(i, i −
 * Δ) over contexts and queries i, the share that i explains, pooled over distances Δ:
 *
 *     Σ_Δ Σ_i (m₁(i,Δ) − m̄₁(Δ))·(m₂(i,Δ) − m̄₂(Δ)) / Σ_Δ Σ_i mean over contexts of (A(i, i − Δ) − Ā(Δ))²
 *
 * m₁ and m₂ are the means over two halves of the contexts, so that differences of content, which
 * the halves do not share, add nothing on average. Where nothing varies, nothing leaks, and the
 * share is 0.
 *
 * A causal mask alone leaks: query i has i + 1 keys to share its weight among. So the same is asked
 * of the scores before the softmax (where what a query adds to all its scores counts too, though no
 * weight changes by it); of contexts whose first token is replaced by a word, since an opening
 * token marks the beginning (what then remains is the mask's and the text's); of random words,
 * since text itself may say where it is, as stories that all begin at 0 do; and of contexts of one
 * word repeated, where scores that depend on i − j alone leave exactly nothing.
 */

import { z } from "zod";
import { type Sight, sightOf } from "../model/sight.ts";
import { type Rng, shuffled } from "../tensor/rng.ts";
import { contextSizes, type LayerReader, readSets, textContexts, wordsOf } from "./patterns.ts";
import { defineProbe, type Metric, type Row } from "./probe.ts";

const METRICS = {
  pattern_leakage: {
    title: "absolute position in the pattern",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of the variance of attention weights at a fixed distance that the query's place explains: 0 where only distance and words count. A causal mask alone leaks, for later queries share their weight among more keys.",
    null: { value: 0, of: "a bidirectional model without positions that is fed one word" },
  },
  score_leakage: {
    title: "absolute position in the scores",
    unit: "ratio",
    better: "neither",
    meaning:
      "The same of the scores before the softmax, where no weight has to be shared: what it shows of random words comes from the encoding, or from states in which an earlier block put the place. Of text it also shows what words come where.",
    null: {
      value: 0,
      of: "a model without positions, or the first block of one with a relative encoding, that is fed one word",
    },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type LeakageRow = Row<keyof typeof METRICS>;
const MAPS = { pattern_leakage: "pattern", score_leakage: "attn_scores" } as const;

export const leakage = defineProbe({
  name: "leakage",
  question: "Does attention at a fixed distance depend on the absolute position?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    ...contextSizes,
    contexts: z.int().min(2).max(65_536).default(64),
    /** Words that are repeated, each in a context of its own. */
    words: z.int().min(2).max(65_536).default(8),
  }),
  large: { contexts: 32, words: 4 },
  async run(subject, { words, ...sizes }, rng) {
    const { windows } = subject.material;
    const text = textContexts(subject, windows, sizes);
    const length = Math.max(...text.map((tokens) => tokens.length));
    const whole = text.filter((tokens) => tokens.length === length);
    const known = wordsOf(subject);
    const repeated = shuffled(known, rng)
      .slice(0, words)
      .map((word) => new Array<number>(length).fill(word));
    const at = { length, split: windows.split };
    const sets = [
      { contexts: whole, at: { ...at, fed: "text" } },
      { contexts: replaced(whole, known, rng), at: { ...at, fed: "text, first replaced" } },
      { contexts: randomOf(whole, known, rng), at: { length, fed: "random words" } },
      { contexts: repeated, at: { length, fed: "one word" } },
    ];
    const { model } = subject;
    const given = sets.map(({ contexts }) => contexts);
    const rows = await readSets(subject, given, Object.values(MAPS), (layer, set) =>
      layerReader(model.shape.heads, sightOf(model, layer), length, { ...sets[set]?.at, layer }),
    );
    return rows.flat();
  },
});

/** Each context with another of its own tokens in place of the first, or any word where it has none. */
function replaced(contexts: readonly (readonly number[])[], words: readonly number[], rng: Rng): number[][] {
  return contexts.map(([first, ...rest]) => {
    const known = new Set(words);
    const own = rest.filter((token) => token !== first && known.has(token));
    const others = own.length > 0 ? own : words.filter((word) => word !== first);
    return others.length === 0
      ? [first as number, ...rest]
      : [others[rng.integer(others.length)] as number, ...rest];
  });
}

/** As many contexts of independent words. */
const randomOf = (contexts: readonly (readonly number[])[], words: readonly number[], rng: Rng) =>
  contexts.map((tokens) => tokens.map(() => words[rng.integer(words.length)] as number));

function layerReader(
  heads: number,
  sight: Sight,
  T: number,
  at: LeakageRow["at"],
): LayerReader<LeakageRow[]> {
  const metrics = Object.keys(MAPS) as (keyof typeof MAPS)[];
  const sums = metrics.map(() => Array.from({ length: heads }, () => openSums(T)));
  return {
    add({ index, maps }) {
      for (const [m, metric] of metrics.entries())
        for (const [head, of] of (sums[m] as MapSums[]).entries()) {
          const map = (maps[MAPS[metric]] as Float32Array).subarray(head * T * T, (head + 1) * T * T);
          addMap(of, map, index % 2);
        }
    },
    end: () =>
      metrics.flatMap((metric, m) =>
        (sums[m] as MapSums[]).map((of, head) => ({
          ...{ metric, value: leakageOf(of, sight), n: of.counts[0] + of.counts[1] },
          at: { ...at, head },
        })),
      ),
  };
}

/** Sums over contexts of the maps of one head. */
export interface MapSums {
  readonly T: number;
  /** Over the contexts of each half, (T,T), and how many those are. */
  readonly halves: readonly [Float64Array, Float64Array];
  readonly counts: [number, number];
  /** Of squares, by distance: i − j at index T − 1 + i − j. */
  readonly squares: Float64Array;
}

export function openSums(T: number): MapSums {
  const zeros = () => new Float64Array(T * T);
  return { T, halves: [zeros(), zeros()], counts: [0, 0], squares: new Float64Array(2 * T - 1) };
}

/** @param map (T,T) */
export function addMap({ T, halves, counts, squares }: MapSums, map: ArrayLike<number>, half: number): void {
  const sums = halves[half as 0 | 1];
  counts[half as 0 | 1]++;
  for (let i = 0; i < T; i++) {
    for (let j = 0; j < T; j++) {
      const value = map[i * T + j] as number;
      sums[i * T + j] = (sums[i * T + j] as number) + value;
      squares[T - 1 + i - j] = (squares[T - 1 + i - j] as number) + value * value;
    }
  }
}

/** Variation of less than this, of the size of the values, is rounding of float32 passes. */
const ROUNDING = 1e-5;

/** @returns null where one half has no context */
export function leakageOf(sums: MapSums, { causal, window = sums.T }: Sight): number | null {
  const { counts, T } = sums;
  if (counts[0] === 0 || counts[1] === 0) return null;
  let [explained, varied, size] = [0, 0, 0];
  const reach = Math.min(T, window); // further away nothing is seen
  for (let distance = causal ? 0 : 1 - reach; distance < reach; distance++) {
    const one = atDistance(sums, distance);
    explained += one.explained;
    varied += one.varied;
    size += one.size;
  }
  return varied <= ROUNDING ** 2 * size ? 0 : explained / varied;
}

/** Sums over queries at one distance: of what two halves share, of the variance and of the squares. */
function atDistance({ T, halves: [a, b], counts: [na, nb], squares }: MapSums, distance: number) {
  const cells: number[] = [];
  for (let i = Math.max(0, distance); i < Math.min(T, T + distance); i++) cells.push(i * T + i - distance);
  const mean = (of: (cell: number) => number) =>
    cells.reduce((sum, cell) => sum + of(cell), 0) / cells.length;
  const first = (cell: number) => (a[cell] as number) / na;
  const second = (cell: number) => (b[cell] as number) / nb;
  const [meanA, meanB] = [mean(first), mean(second)];
  const all = (na * meanA + nb * meanB) / (na + nb);
  const size = (squares[T - 1 + distance] as number) / (na + nb);
  return {
    explained: cells.length * mean((cell) => (first(cell) - meanA) * (second(cell) - meanB)),
    varied: Math.max(0, size - cells.length * all * all),
    size,
  };
}
