/** Permutations with a given number of inversions, for shuffles stratified by how much order they destroy. */
import type { OrderPair } from "../data/index.ts";
import { mean, meanWithError } from "../tensor/numbers.ts";
import type { Rng } from "../tensor/rng.ts";
import { jensenShannonBits } from "./divergence.ts";
import { meanOverTopics } from "./groups.ts";
import type { Row } from "./probe.ts";
import type { ContextReader, Reading } from "./reader.ts";

/**
 * A permutation of 0 … n−1 with exactly `inversions` pairs out of order, drawn by its Lehmer code:
 * digit i counts the later entries that are smaller, lies in [0, n−1−i], and the digits sum to the
 * inversions (Knuth, TAOCP 3, section 5.1.1).
 */
export function permutationWith(n: number, inversions: number, rng: Rng): number[] {
  let rest = inversions;
  const left = Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: n }, (_, i) => {
    const room = n - 1 - i; // the largest digit here; those after it sum to at most room·(room − 1)/2
    const low = Math.max(0, rest - (room * (room - 1)) / 2);
    const digit = low + rng.integer(Math.min(room, rest) - low + 1);
    rest -= digit;
    return left.splice(digit, 1)[0] as number;
  });
}

/** Pairs of n things: the most inversions that a permutation has. */
export const pairsOf = (n: number): number => (n * (n - 1)) / 2;

type ShuffleRow = Row<"prefix_shuffle_delta_nll" | "prefix_shuffle_js">;

export interface Stratum {
  readonly split: string;
  readonly fixed: number;
  /** Middle and half width of the share of pairs that are inverted. */
  readonly share: number;
  readonly half: number;
  readonly permutations: number;
}

export async function shuffleRows(
  reader: ContextReader,
  pairs: readonly OrderPair[],
  { split, fixed, share, half, permutations }: Stratum,
  rng: Rng,
): Promise<ShuffleRow[]> {
  const contexts = pairs.map(({ context }) => context);
  const moved = contexts.flatMap((context) =>
    Array.from({ length: permutations }, () =>
      shufflePrefix(context, fixed, share + half * (2 * rng.uniform() - 1), rng),
    ),
  );
  const before = await reader.read(contexts);
  const after = await reader.read(moved);
  const cases = after.map((reading, i) => {
    const from = Math.floor(i / permutations);
    const answer = (pairs[from] as OrderPair).answer;
    const original = (before[from] as Reading).logProbs;
    return {
      deltaNll: (original[answer] as number) - (reading.logProbs[answer] as number),
      js: jensenShannonBits(original, reading.logProbs),
    };
  });
  const at = { split, inverted: share };
  const topics = after.map((_, i) => {
    const from = Math.floor(i / permutations);
    return pairs[from]?.topic ?? `${from}`; // permutations of one context are not independent either
  });
  const over = (values: readonly number[]) => meanOverTopics(values, topics);
  return [
    { metric: "prefix_shuffle_delta_nll", ...over(cases.map(({ deltaNll }) => deltaNll)), at },
    { metric: "prefix_shuffle_js", ...over(cases.map(({ js }) => js)), at },
  ];
}

/**
 * The standard error of the mean of cases that come in groups of one size, such as the permutations
 * of one context: over the groups' means, because cases of one group are not independent.
 */
export function errorOver(values: readonly number[], size: number): number | null {
  const groups = Array.from({ length: values.length / size }, (_, i) =>
    mean(values.slice(i * size, (i + 1) * size)),
  );
  return meanWithError(groups).se;
}

/**
 * The context with all but its first `fixed` tokens and its last one permuted, a given share of
 * their pairs inverted.
 */
export function shufflePrefix(context: readonly number[], fixed: number, share: number, rng: Rng): number[] {
  const prefix = context.slice(fixed, -1);
  const permutation = permutationWith(prefix.length, Math.round(share * pairsOf(prefix.length)), rng);
  return [
    ...context.slice(0, fixed),
    ...permutation.map((i) => prefix[i] as number),
    context.at(-1) as number,
  ];
}
