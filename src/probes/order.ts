/**
 * What does the model know of the order of its words?
 *
 *     swap test        S = log p(y | a v b, q) − log p(y | b v a, q), y the right answer after "a v b"; accuracy is the share of S > 0,
 *                      and a tie counts one half
 *     prefix shuffle   the last token, the question's "?", stays; the tokens before it (but `<bos>`) are permuted:
 *                      ΔNLL = log p(y | x) − log p(y | π(x)), and the Jensen-Shannon divergence of the two distributions
 *     hidden distance  1 − cos between the residual streams at the last token of a story and of its swap, layer by layer
 *     hidden CKA       the same two sets of residual streams as geometries (`cka.ts`)
 *
 * The shuffle keeps the last token because a model that has lost its query has lost more than the
 * order; the protocol of Haviv et al. 2022 (figure 5) moves it too.
 */
import { z } from "zod";
import type { OrderPair } from "../data/index.ts";
import { argmax } from "../tensor/numbers.ts";
import { shuffled } from "../tensor/rng.ts";
import { linearCka } from "./cka.ts";
import { cosineDistance, definedOrNull } from "./divergence.ts";
import { meanOverTopics } from "./groups.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row } from "./probe.ts";
import { type ContextReader, createReader, type Reading } from "./reader.ts";
import { shuffleRows } from "./shuffle.ts";

/** Log-probabilities closer than this, in nats, are a tie: equal but for rounding. */
const TIE_NATS = 1e-5;

const METRICS = {
  swap_accuracy: {
    title: "swap accuracy",
    unit: "accuracy",
    better: "higher",
    meaning:
      "A story and its swap, “dog bites man” and “man bites dog”, have the same words. The model is right where it finds the answer likelier after the order that makes it true than after the swap. A tie counts one half, so a model blind to order gets 50%.",
    null: {
      value: 0.5,
      of: "a model that is blind to order: bidirectional without positions, or one causal layer",
    },
  },
  swap_score: {
    title: "swap score",
    unit: "nats",
    better: "higher",
    meaning:
      "How much likelier the right answer is, in nats, after the story that makes it true than after its swap; 0 in a model blind to order.",
    null: { value: 0, of: "a model that is blind to order" },
  },
  answer_nll: {
    title: "answer NLL",
    unit: "nats",
    better: "lower",
    meaning: "−ln of the probability of the right answer; 0 is certainty.",
  },
  answer_accuracy: {
    title: "answer accuracy",
    unit: "accuracy",
    better: "higher",
    meaning: "How often the right answer is the likeliest word of all.",
  },
  hidden_distance: {
    title: "hidden-state distance",
    unit: "1 − cos",
    better: "neither",
    meaning:
      "1 − cos of the angle between the hidden states of the last token in a story and in its swap: 0 if the layer cannot tell them apart.",
    null: { value: 0, of: "a model that is blind to order" },
  },
  hidden_cka: {
    title: "hidden-state CKA",
    unit: "CKA",
    better: "neither",
    meaning:
      "How alike the geometry of the stories' hidden states at the last token is to that of their swaps (linear CKA): 1 where turning and scaling one set gives the other, 0 where nothing is shared. Without a value where all states are the same, as at the embedding. Few pairs of wide states look alike by chance.",
    null: { value: 1, of: "a model that is blind to order" },
  },
  prefix_shuffle_delta_nll: {
    title: "shuffle ΔNLL",
    unit: "nats",
    better: "neither",
    meaning:
      "How much worse the right answer fares, in nats, when the words before the last token are put in random order; 0 where order played no part.",
    null: { value: 0, of: "a model that is blind to order" },
  },
  prefix_shuffle_js: {
    title: "shuffle JS",
    unit: "bits",
    better: "neither",
    meaning:
      "How far that shuffle moves the distribution of the next token (Jensen-Shannon), in bits: 0 not at all, 1 to other tokens altogether.",
    null: { value: 0, of: "a model that is blind to order" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type OrderRow = Row<keyof typeof METRICS>;

export const order = defineProbe({
  name: "order",
  question: "What does the model know of the order of its words?",
  needs: ["pairs"],
  metrics: METRICS,
  config: z.strictObject({
    /** Most pairs a split. The default holds all held-out questions of the default world. */
    examples: z.int().positive().max(1_000_000).default(1920),
    /** Contexts that are shuffled. */
    shuffledContexts: z.int().positive().max(65_536).default(64),
    /** Strata of the share of inverted pairs, from 0 to 1. */
    strata: z.int().positive().max(1000).default(5),
    /** Permutations of a context in each stratum: 20 in all by default. */
    permutations: z.int().positive().max(10_000).default(4),
  }),
  large: { examples: 200, shuffledContexts: 16 },
  async run(subject, { examples, shuffledContexts, strata, permutations }, rng) {
    const { pairs } = subject.material;
    const reader = createReader(subject);
    try {
      const rows: OrderRow[] = [];
      for (const [i, split] of pairs.splits.entries()) {
        const chosen = shuffled(pairs.of(split), rng).slice(0, examples);
        rows.push(...(await swapRows(reader, chosen, { split })));
        if (i > 0) continue; // shuffles are of the split that probes judge by
        const contexts = chosen.slice(0, shuffledContexts);
        for (let stratum = 0; stratum < strata; stratum++) {
          const share = (stratum + 0.5) / strata;
          const asked = { split, fixed: pairs.fixed, share, half: 0.5 / strata, permutations };
          rows.push(...(await shuffleRows(reader, contexts, asked, rng)));
        }
      }
      return rows;
    } finally {
      reader.close();
    }
  },
});

/**
 * The score S of the swap test, in nats: above zero where the model prefers the right answer in the
 * order that makes it right.
 */
export function swapScore({ answer }: OrderPair, told: Reading, swapped: Reading): number {
  return (told.logProbs[answer] as number) - (swapped.logProbs[answer] as number);
}

/** 1, ½ for a tie, or 0. */
export function swapCredit(score: number): number {
  return Math.abs(score) <= TIE_NATS ? 0.5 : score > 0 ? 1 : 0;
}

/** Pairs that CKA is taken over: its cost is their square. */
const CKA_PAIRS = 512;

async function swapRows(
  reader: ContextReader,
  pairs: readonly OrderPair[],
  at: MeasurementSite,
): Promise<OrderRow[]> {
  const told = await reader.read(pairs.map(({ context }) => context));
  const swapped = await reader.read(pairs.map((pair) => pair.swapped));
  const over = (value: (pair: OrderPair, a: Reading, b: Reading) => number) =>
    meanOverTopics(
      pairs.map((pair, i) => value(pair, told[i] as Reading, swapped[i] as Reading)),
      pairs.map(({ topic }) => topic),
    );
  const layers = (told[0] as Reading).hidden.map((_, layer) => layer);
  const state = (layer: number) => (reading: Reading) => reading.hidden[layer] as Float32Array;
  const distance = (layer: number) => {
    const found = over((_pair, a, b) => cosineDistance(state(layer)(a), state(layer)(b)));
    return Number.isNaN(found.value) ? { ...found, value: null, se: null } : found;
  };
  const cka = (layer: number) => {
    const [x, y] = [told, swapped].map((all) => all.slice(0, CKA_PAIRS).map(state(layer)));
    return definedOrNull(linearCka(x as Float32Array[], y as Float32Array[]));
  };
  const n = Math.min(pairs.length, CKA_PAIRS);
  return [
    { metric: "swap_accuracy", ...over((pair, a, b) => swapCredit(swapScore(pair, a, b))), at },
    { metric: "swap_score", ...over(swapScore), at },
    { metric: "answer_nll", ...over(({ answer }, a) => -(a.logProbs[answer] as number)), at },
    {
      metric: "answer_accuracy",
      ...over(({ answer }, a) => (argmax(a.logProbs) === answer ? 1 : 0)),
      at,
    },
    ...layers.map(
      (layer): OrderRow => ({ metric: "hidden_distance", ...distance(layer), at: { layer, ...at } }),
    ),
    ...layers.map(
      (layer): OrderRow => ({ metric: "hidden_cka", value: cka(layer), n, at: { layer, ...at } }),
    ),
  ];
}
