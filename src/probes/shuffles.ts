/**
 * How much order does it use, and how near?
 *
 *     ΔNLL(n)      ln p(y | x, q) − ln p(y | π(x), q): π permutes blocks of n tokens of x; the last token q stays
 *     confounded   the same with q among the tokens that π permutes, as Haviv et al. 2022 do (figure 5)
 *     gap          confounded − ΔNLL(1); the part that losing the query costs by itself is measured by exchanging q with one token of x
 *     range        block size at which half of ΔNLL(1) is recovered
 *     acceptance   A = share of permutations (n = 1) that leave the likeliest next token what it was (after Sinha et al. 2021)
 *
 * Tokens are permuted, not words, so that no token changes (Abdou et al. 2022). The identity is
 * never drawn. A masked model answers at a `<mask>` after q, so that its query is not lost.
 */
import { z } from "zod";
import { argmax, mean, meanWithError } from "../tensor/numbers.ts";
import type { Rng } from "../tensor/rng.ts";
import { blockSizes, halfwaySize, shuffledBlocks } from "./block-shuffle.ts";
import { type Followed, followedContexts, readEach, type Source } from "./contexts.ts";
import { defineProbe, type MeasurementSite, type Row } from "./probe.ts";
import { type ContextReader, createReader } from "./reader.ts";
import { errorOver } from "./shuffle.ts";
import { SHUFFLES_METRICS } from "./shuffles-metrics.ts";

type ShufflesRow = Row<keyof typeof SHUFFLES_METRICS>;

export const shuffles = defineProbe({
  name: "shuffles",
  question: "How much order does it use, and how near?",
  needs: [],
  needsOneOf: ["pairs", "windows"],
  metrics: SHUFFLES_METRICS,
  config: z.strictObject({
    /** Contexts of each material. */
    contexts: z.int().positive().max(65_536).default(24),
    /** Of each context and block size. */
    permutations: z.int().positive().max(10_000).default(20),
    /** Of a window, at most. */
    tokens: z.int().min(4).max(65_536).default(32),
  }),
  large: { contexts: 8, permutations: 4 },
  async run(subject, config, rng) {
    const reader = createReader(subject);
    try {
      const rows: ShufflesRow[] = [];
      for (const source of followedContexts(subject, config, rng))
        rows.push(...(await sourceRows(reader, source, config.permutations, rng)));
      return rows;
    } finally {
      reader.close();
    }
  },
});

/** What is kept of a reading. */
interface Answer {
  readonly logP: number;
  readonly likeliest: number;
}

type Shuffle = (context: Followed) => number[];

interface Cost {
  /** Mean, standard error over contexts, and cases: a permutation of a context each. */
  readonly value: number;
  readonly n: number;
  readonly se: number | null;
}

async function sourceRows(
  reader: ContextReader,
  { material, split, contexts }: Source,
  permutations: number,
  rng: Rng,
): Promise<ShufflesRow[]> {
  const before = await answersOf(reader, contexts);
  /** By context, then by permutation. */
  const shuffled = (shuffle: Shuffle) => {
    const each = (context: Followed) =>
      Array.from({ length: permutations }, () => ({ ...context, tokens: shuffle(context) }));
    return answersOf(reader, contexts.flatMap(each));
  };
  const costs = (after: readonly Answer[]) =>
    after.map(({ logP }, i) => (before[Math.floor(i / permutations)] as Answer).logP - logP);
  const over = (values: readonly number[]): Cost => ({
    ...{ value: mean(values), n: values.length, se: errorOver(values, permutations) },
  });
  const movable = Math.max(...contexts.map(({ tokens, fixed }) => tokens.length - fixed - 1));
  const place = { material, split, ...lengthOf(contexts) };
  const singles = await shuffled((context) => blocksMoved(context, 1, rng));
  const curve = [{ size: 1, cost: over(costs(singles)) }];
  for (const size of blockSizes(movable).slice(1))
    curve.push({ size, cost: over(costs(await shuffled((context) => blocksMoved(context, size, rng)))) });
  const confounded = costs(await shuffled((context) => allMoved(context, rng)));
  const lost = costs(await shuffled((context) => queryMoved(context, rng)));
  const gap = confounded.map((cost, i) => cost - (costs(singles)[i] as number));
  return [
    ...curve.map(({ size: block, cost }): ShufflesRow => {
      return { metric: "block_shuffle_delta_nll", ...cost, at: { block, ...place } };
    }),
    { metric: "confounded_shuffle_delta_nll", ...over(confounded), at: place },
    { metric: "query_moved_delta_nll", ...over(lost), at: place },
    { metric: "confounded_gap", ...over(gap), at: place },
    {
      metric: "effective_order_range",
      value: rangeOf(curve, movable),
      ...{ n: contexts.length, at: place },
    },
    ...acceptanceRows(before, singles, { permutations, ...place }),
  ];
}

const answersOf = (reader: ContextReader, contexts: readonly Followed[]): Promise<Answer[]> =>
  readEach(
    reader,
    contexts.map(({ tokens }) => tokens),
    ({ logProbs }, i) => ({
      logP: logProbs[(contexts[i] as Followed).next] as number,
      likeliest: argmax(logProbs),
    }),
  );

/** The tokens of each context, where that is one number. */
function lengthOf(contexts: readonly Followed[]): MeasurementSite {
  const lengths = [...new Set(contexts.map(({ tokens }) => tokens.length))];
  return lengths.length === 1 ? { length: lengths[0] as number } : {};
}

/** Blocks of the tokens between the fixed ones and the last in another order. */
function blocksMoved({ tokens, fixed }: Followed, size: number, rng: Rng): number[] {
  return [
    ...tokens.slice(0, fixed),
    ...shuffledBlocks(tokens.slice(fixed, -1), size, rng),
    tokens.at(-1) as number,
  ];
}

/** All tokens but the fixed ones in another order, the last too. */
const allMoved = ({ tokens, fixed }: Followed, rng: Rng): number[] => [
  ...tokens.slice(0, fixed),
  ...shuffledBlocks(tokens.slice(fixed), 1, rng),
];

/** The last token exchanged with one of those before it; the others stay. */
function queryMoved({ tokens, fixed }: Followed, rng: Rng): number[] {
  const last = tokens.length - 1;
  const other = fixed + rng.integer(last - fixed);
  const moved = [...tokens];
  [moved[other], moved[last]] = [tokens[last] as number, tokens[other] as number];
  return moved;
}

/** Costs below this, in nats, are rounding. */
const ROUNDING_NATS = 1e-4;

/**
 * Null where the cost of losing all order is not above two standard errors. A block of all tokens
 * costs nothing.
 */
function rangeOf(
  curve: readonly { readonly size: number; readonly cost: Cost }[],
  movable: number,
): number | null {
  const first = curve[0]?.cost as Cost;
  if (!(first.value > Math.max(ROUNDING_NATS, 2 * (first.se ?? 0)))) return null;
  const points = curve.map(({ size, cost }) => ({ size, cost: cost.value }));
  return halfwaySize([...points, { size: movable, cost: 0 }]);
}

function acceptanceRows(
  before: readonly Answer[],
  after: readonly Answer[],
  at: MeasurementSite & { readonly permutations: number },
): ShufflesRow[] {
  const { permutations } = at;
  const accepted = after.map(({ likeliest }, i) =>
    likeliest === before[Math.floor(i / permutations)]?.likeliest ? 1 : 0,
  );
  const shares = before.map((_, c) => mean(accepted.slice(c * permutations, (c + 1) * permutations)));
  const chance = chanceOf(before);
  const share = (holds: (share: number) => boolean) => meanWithError(shares.map((s) => (holds(s) ? 1 : 0)));
  return [
    {
      metric: "permutation_acceptance",
      value: mean(accepted),
      ...{ n: accepted.length, se: errorOver(accepted, permutations), at },
    },
    { metric: "permutation_acceptance_any", ...share((s) => s > 0), at },
    { metric: "permutation_acceptance_above_chance", ...share((s) => s > chance), at },
    { metric: "permutation_acceptance_chance", value: chance, n: before.length, at },
  ];
}

/** Σ n_w(n_w − 1) / n(n − 1): how often two of the contexts have one likeliest token. */
function chanceOf(answers: readonly Answer[]): number {
  const counts = new Map<number, number>();
  for (const { likeliest } of answers) counts.set(likeliest, (counts.get(likeliest) ?? 0) + 1);
  const n = answers.length;
  if (n < 2) return 0;
  return [...counts.values()].reduce((sum, count) => sum + count * (count - 1), 0) / (n * (n - 1));
}
