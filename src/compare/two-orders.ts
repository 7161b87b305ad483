/**
 * Whether two data sets put conditions into one order: Kendall's rank correlation τ of a metric on
 * the one and a metric on the other, seed by seed.
 *
 *     τ_b = (C − D) / √((N − T_x)(N − T_y))        C pairs in one order, D in opposite ones, T tied, of N
 *
 * 1 is one order, −1 the reverse, 0.5 three pairs of four in one order. The conditions are those
 * that there are; chance is in the seeds, over which τ has its interval.
 */
import type { Metric } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import { type Interval, seedInterval } from "./intervals.ts";
import { type PairCounts, pairCounts, permutationP, signsOf, tauOfSigns } from "./kendall.ts";
import { LEAST_SEEDS, sharedSeeds } from "./paired.ts";
import { type ComparedRun, questionsOf } from "./questions.ts";

/** What conditions are put in order by. */
export interface OrderBy {
  readonly metric: string;
  readonly at?: Readonly<Record<string, string | number>>;
}

/** Values by condition, then by seed; larger is better. */
export type Ranked = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * How well each condition does; of one that has several policies past L_max, under that which does
 * best on the mean.
 */
export function rankedBy(
  runs: readonly ComparedRun[],
  metrics: Readonly<Record<string, Metric>>,
  { metric, at = {} }: OrderBy,
): Ranked {
  const wanted = Object.entries(at);
  const question = questionsOf(runs, metrics, [metric]).find(
    (one) => one.at.split !== "train" && wanted.every(([key, value]) => one.at[key] === value),
  );
  const sign = metrics[metric]?.better === "lower" ? -1 : 1;
  const best = new Map<string, ReadonlyMap<number, number>>();
  for (const { name, values } of question?.conditions ?? []) {
    const condition = name.replace(/ \([^()]*\)$/, "");
    const signed = new Map([...values].map(([seed, value]) => [seed, sign * value]));
    const other = best.get(condition);
    if (other === undefined || mean([...signed.values()]) > mean([...other.values()]))
      best.set(condition, signed);
  }
  return best;
}

/** The mean of several, of the conditions and seeds that all of them have. */
export function meanOf(all: readonly Ranked[]): Ranked {
  const [first = new Map(), ...others] = all;
  const shared = [...first].filter(([condition]) => others.every((one) => one.has(condition)));
  return new Map(
    shared.map(([condition, values]) => {
      const rest = others.map((one) => one.get(condition) as ReadonlyMap<number, number>);
      const seeds = sharedSeeds([values, ...rest]);
      const of = (seed: number) => mean([values, ...rest].map((one) => one.get(seed) as number));
      return [condition, new Map(seeds.map((seed) => [seed, of(seed)]))];
    }),
  );
}

/** How far two orders agree. */
export interface Agreement {
  /** Compared in both. */
  readonly conditions: readonly string[];
  /** τ of each seed that all conditions have in both. */
  readonly seeds: readonly { readonly seed: number; readonly tau: number }[];
  /** Of τ over seeds; NaN of no seed. */
  readonly mean: number;
  /** Undefined below three seeds. */
  readonly interval?: Interval | undefined;
  /** How pairs of conditions stand, by their means over those seeds. */
  readonly pairs: PairCounts;
  /** p of the order of means, over orders of the conditions: `permutationP`. */
  readonly p?: number | undefined;
}

/** Fewer conditions have no order to speak of. */
const LEAST_CONDITIONS = 3;

/** @returns undefined where the two share fewer than three conditions, or no seed of all of them */
export function agreementOf(a: Ranked, b: Ranked): Agreement | undefined {
  const conditions = [...a.keys()].filter((name) => b.has(name));
  const columns = conditions.flatMap((name) => [a.get(name), b.get(name)]) as ReadonlyMap<number, number>[];
  const shared = sharedSeeds(columns);
  if (conditions.length < LEAST_CONDITIONS || shared.length === 0) return undefined;
  const seeds = shared
    .map((seed) => {
      const of = (ranked: Ranked) => conditions.map((name) => ranked.get(name)?.get(seed) as number);
      return { seed, tau: kendall(of(a), of(b)) };
    })
    .filter(({ tau }) => !Number.isNaN(tau));
  if (seeds.length === 0) return undefined;
  const taus = seeds.map(({ tau }) => tau);
  const means = (ranked: Ranked) =>
    conditions.map((name) => mean(shared.map((seed) => ranked.get(name)?.get(seed) as number)));
  const [xs, ys] = [means(a), means(b)];
  return {
    ...{ conditions, seeds, mean: mean(taus), interval: seedInterval(taus, LEAST_SEEDS) },
    ...{ pairs: pairCounts(xs, ys), p: permutationP(xs, ys) },
  };
}

/**
 * Kendall's τ_b of paired values; NaN where all of one side are equal.
 *
 * @example
 * assert.equal(kendall([1, 2, 3], [1, 3, 2]), 1 / 3);
 */
export function kendall(xs: readonly number[], ys: readonly number[]): number {
  return tauOfSigns(signsOf(xs, ys));
}
