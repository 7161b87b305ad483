/**
 * What does the model know of the order of its words?
 *
 *     swap test        S = log p(y | a v b, q) − log p(y | b v a, q), y the right answer after "a v b"; accuracy is the share of S > 0,
 *                      and a tie counts one half
 *     prefix shuffle   the last token, the question's "?", stays; the tokens before it (but `<bos>`) are permuted:
 *                      ΔNLL = log p(y | x) − log p(y | π(x)), and the Jensen-Shannon divergence of the two distributions
 *     hidden distance  1 − cos between the residual streams at the last token of a story and of its swap, layer by layer
 *
 * The shuffle keeps the last token because a model that has lost its query has lost more than the order; the protocol of Haviv et al.
 * 2022 (figure 5) moves it too.
 */
import { z } from "zod";
import { type SwapExample, swapExamples } from "../data/corpora/who-examples.ts";
import { requireKind } from "../data/index.ts";
import { type Rng, shuffled } from "../tensor/rng.ts";
import { cosineDistance, definedOrNull, jensenShannonBits } from "./divergence.ts";
import { defineProbe, type Measurement, type Subject } from "./probe.ts";
import { createReader, type Reader, type Reading } from "./reader.ts";
import { pairsOf, permutationWith } from "./shuffle.ts";

/** Log-probabilities closer than this, in nats, are a tie: equal but for rounding. */
const TIE_NATS = 1e-5;
const SPLITS = ["heldout", "train"] as const;

export const order = defineProbe({
  name: "order",
  data: ["who"],
  question: "What does the model know of the order of its words?",
  config: z.strictObject({
    /** Most examples a split. The default holds all held-out questions of the default world. */
    examples: z.int().positive().max(1_000_000).default(1920),
    /** Contexts that are shuffled. */
    shuffledContexts: z.int().positive().max(65_536).default(64),
    /** Strata of the share of inverted pairs, from 0 to 1. */
    strata: z.int().positive().max(1000).default(5),
    /** Permutations of a context in each stratum: 20 in all by default. */
    permutations: z.int().positive().max(10_000).default(4),
  }),
  async run(subject, { examples, shuffledContexts, strata, permutations }, rng) {
    const { world } = requireKind(subject.data, "who", "probe order");
    const reader = createReader(subject);
    try {
      const rows: Measurement[] = [];
      for (const split of SPLITS) {
        const chosen = shuffled(swapExamples(world, split), rng).slice(0, examples);
        rows.push(...(await swapRows(reader, chosen, split)));
        if (split === "heldout") {
          const contexts = chosen.slice(0, shuffledContexts);
          for (let stratum = 0; stratum < strata; stratum++) {
            const share = (stratum + 0.5) / strata;
            const half = 0.5 / strata;
            rows.push(...(await shuffleRows(reader, subject, contexts, { share, half, permutations }, rng)));
          }
        }
      }
      return rows;
    } finally {
      reader.close();
    }
  },
});

/** The score S of the swap test, in nats: above zero where the model prefers the right answer in the order that makes it right. */
export function swapScore({ answer }: SwapExample, told: Reading, swapped: Reading): number {
  return (told.logProbs[answer] as number) - (swapped.logProbs[answer] as number);
}

/** 1, ½ for a tie, or 0. */
export function swapCredit(score: number): number {
  return Math.abs(score) <= TIE_NATS ? 0.5 : score > 0 ? 1 : 0;
}

async function swapRows(
  reader: Reader,
  examples: readonly SwapExample[],
  split: string,
): Promise<Measurement[]> {
  const told = await reader.read(examples.map(({ story, question }) => [...story, ...question]));
  const swapped = await reader.read(examples.map(({ swapped: other, question }) => [...other, ...question]));
  const n = examples.length;
  const over = (value: (example: SwapExample, a: Reading, b: Reading) => number) =>
    mean(examples.map((example, i) => value(example, told[i] as Reading, swapped[i] as Reading)));
  const layers = (told[0] as Reading).hidden.map((_, layer) => ({
    metric: "hidden_distance",
    value: definedOrNull(
      over((_example, a, b) =>
        cosineDistance(a.hidden[layer] as Float32Array, b.hidden[layer] as Float32Array),
      ),
    ),
    unit: "1 − cos",
    n,
    at: { layer, split },
  }));
  return [
    {
      metric: "swap_accuracy",
      value: over((example, a, b) => swapCredit(swapScore(example, a, b))),
      unit: "accuracy",
      n,
      at: { split },
    },
    {
      metric: "swap_score",
      value: over((example, a, b) => swapScore(example, a, b)),
      unit: "nats",
      n,
      at: { split },
    },
    {
      metric: "answer_nll",
      value: over(({ answer }, a) => -(a.logProbs[answer] as number)),
      unit: "nats",
      n,
      at: { split },
    },
    {
      metric: "answer_accuracy",
      value: over(({ answer }, a) => (argmax(a.logProbs) === answer ? 1 : 0)),
      unit: "accuracy",
      n,
      at: { split },
    },
    ...layers,
  ];
}

interface Stratum {
  /** Middle and half width of the share of pairs that are inverted. */
  readonly share: number;
  readonly half: number;
  readonly permutations: number;
}

async function shuffleRows(
  reader: Reader,
  { data }: Subject,
  examples: readonly SwapExample[],
  { share, half, permutations }: Stratum,
  rng: Rng,
): Promise<Measurement[]> {
  const contexts = examples.map(({ story, question }) => [...story, ...question]);
  const fixed = data.bos ? 1 : 0;
  const moved = contexts.flatMap((context) =>
    Array.from({ length: permutations }, () =>
      shufflePrefix(context, fixed, share + half * (2 * rng.uniform() - 1), rng),
    ),
  );
  const before = await reader.read(contexts);
  const after = await reader.read(moved);
  const cases = after.map((reading, i) => {
    const from = Math.floor(i / permutations);
    const answer = (examples[from] as SwapExample).answer;
    const original = (before[from] as Reading).logProbs;
    return {
      deltaNll: (original[answer] as number) - (reading.logProbs[answer] as number),
      js: jensenShannonBits(original, reading.logProbs),
    };
  });
  const at = { split: "heldout", inverted: share };
  const n = cases.length;
  return [
    {
      metric: "prefix_shuffle_delta_nll",
      value: mean(cases.map(({ deltaNll }) => deltaNll)),
      unit: "nats",
      n,
      at,
    },
    { metric: "prefix_shuffle_js", value: mean(cases.map(({ js }) => js)), unit: "bits", n, at },
  ];
}

/** The context with all but its first `fixed` tokens and its last one permuted, a given share of their pairs inverted. */
export function shufflePrefix(context: readonly number[], fixed: number, share: number, rng: Rng): number[] {
  const prefix = context.slice(fixed, -1);
  const permutation = permutationWith(prefix.length, Math.round(share * pairsOf(prefix.length)), rng);
  return [
    ...context.slice(0, fixed),
    ...permutation.map((i) => prefix[i] as number),
    context.at(-1) as number,
  ];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
