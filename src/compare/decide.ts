/**
 * Which of several conditions differ: one decision, that table, brackets and words are all made from.
 *
 * With a reference, each other condition is compared with it; without, all pairs are compared.
 * Holm's correction is over what is compared, so that the chance of one false difference or more is
 * α at most.
 */
import { type SeedOrder, seedOrder } from "./order.ts";
import { equivalenceP, holm, type PairedDifference, pairedDifference, sharedSeeds } from "./paired.ts";
import { pairsOf, pairsWith } from "./pairs.ts";
import { areSuccesses, pairedSuccess } from "./success.ts";
import { type Condition, type Summary, summariesOf } from "./summaries.ts";

export type { Condition } from "./summaries.ts";

/** What a decision is made by. */
export interface DecideOptions {
  /** The name that all others are compared with. */
  readonly against?: string | undefined;
  /** The pairs of names to compare, where it is neither all with one nor all with all. */
  readonly pairs?: readonly (readonly [first: string, second: string])[] | undefined;
  /** Differences below it do not matter, in the metric's unit: with it, "the same" can be concluded. */
  readonly margin?: number | undefined;
  readonly alpha?: number;
  /** Whether values are successes, 1, and failures, 0: then a test of counts is exact. */
  readonly success?: boolean | undefined;
  /** Where values that are missing lie. */
  readonly missing?: "above" | "below" | undefined;
  /** By condition, another that it is compared with too: its control. */
  readonly controls?: Readonly<Record<string, string>> | undefined;
}

/**
 * "undecided": neither a difference nor equivalence was shown. "unknown": fewer than three seeds in
 * common.
 */
export type Outcome = "different" | "equivalent" | "undecided" | "unknown";

/** Two conditions. */
export interface Contrast {
  /** first − second. */
  readonly first: string;
  readonly second: string;
  /** Over the seeds that have a value in both. */
  readonly difference: PairedDifference;
  /** Where a seed has no value in one of them: what p is of. */
  readonly order?: SeedOrder | undefined;
  /** Holm's p of no difference; undefined below three seeds. */
  readonly p?: number | undefined;
  /** Holm's p of a difference above the margin; undefined without a margin. */
  readonly equivalenceP?: number | undefined;
  readonly outcome: Outcome;
}

/** What was found of all conditions together. */
export interface Decision {
  readonly against?: string | undefined;
  readonly margin?: number | undefined;
  readonly alpha: number;
  /** From the lowest mean to the highest; where seeds have no value, by what half of them have reached. */
  readonly summaries: readonly Summary[];
  readonly contrasts: readonly Contrast[];
  /** Conditions against their controls; Holm's correction is over these and `contrasts` together. */
  readonly controls?: readonly Contrast[];
  /** Runs of neighbours by mean that nothing tells apart, of two or more; of all pairs alone. */
  readonly tied: readonly (readonly string[])[];
}

/**
 * @throws TypeError where `against` or a pair names no condition
 * @example
 * const seeds = (values: number[]) => new Map(values.map((value, seed) => [seed, value]));
 * const conditions = [
 *   { name: "rope", values: seeds([2.0, 2.1, 2.2]) },
 *   { name: "alibi", values: seeds([1.01, 1.1, 1.19]) },
 * ];
 * const { contrasts } = decide(conditions);
 * assert.equal(contrasts[0]?.outcome, "different");
 */
export function decide(
  conditions: readonly Condition[],
  {
    against,
    pairs: named,
    margin,
    alpha = 0.05,
    success = false,
    missing = "above",
    controls = {},
  }: DecideOptions = {},
): Decision {
  const compared = pairsOf(conditions, named ?? against);
  const pairs = [...compared, ...pairsWith(conditions, controls)];
  const differences = pairs.map(([a, b]) => {
    const values = differencesOf(a, b);
    return success || areOpposed(a, b) ? pairedSuccess(values) : pairedDifference(values, alpha);
  });
  const orders = pairs.map(([a, b]) =>
    a.missing?.size || b.missing?.size ? seedOrder(a, b, missing) : undefined,
  );
  const equivalence = differences.map((one, i) =>
    margin === undefined || orders[i] !== undefined ? undefined : equivalenceP(one, margin),
  );
  const own = differences.map((one, i) => (orders[i] ?? one).p);
  const [ps, equivalences] = [adjusted(own), adjusted(equivalence)];
  const all = pairs.map(([a, b], i): Contrast => {
    const [p, equal, order] = [ps[i], equivalences[i], orders[i]];
    const difference = differences[i] as PairedDifference;
    const outcome = outcomeOf(p, equal, alpha);
    return { first: a.name, second: b.name, difference, order, p, equivalenceP: equal, outcome };
  });
  const [contrasts, controlled] = [all.slice(0, compared.length), all.slice(compared.length)];
  const summaries = summariesOf(conditions, missing);
  const tied = (named ?? against) === undefined ? tiedRuns(summaries, contrasts) : [];
  const found = { against, margin, alpha, summaries, contrasts, tied };
  return controlled.length === 0 ? found : { ...found, controls: controlled };
}

/**
 * Whether two tell seeds apart by successes alone, beside a third that has values between:
 * Student's t of 1, 1, 1 and 0, 0, 0 would be certain of what an exact test cannot show of three
 * seeds.
 */
function areOpposed(a: Condition, b: Condition): boolean {
  const successes = [a, b].every(({ values }) => areSuccesses([...values.values()]));
  return successes && differencesOf(a, b).some((difference) => difference !== 0);
}

/** By the seeds that both have, in ascending order. */
function differencesOf(a: Condition, b: Condition): number[] {
  return sharedSeeds([a.values, b.values]).map(
    (seed) => (a.values.get(seed) as number) - (b.values.get(seed) as number),
  );
}

/** Holm's, over those that are defined. */
function adjusted(values: readonly (number | undefined)[]): (number | undefined)[] {
  const known = values.filter((value) => value !== undefined);
  const corrected = holm(known);
  let next = 0;
  return values.map((value) => (value === undefined ? undefined : corrected[next++]));
}

/** A difference that is shown to lie within the margin does not matter. */
function outcomeOf(p: number | undefined, equal: number | undefined, alpha: number): Outcome {
  if (p === undefined) return "unknown";
  if (p < alpha && !(equal !== undefined && equal < alpha)) return "different";
  return equal !== undefined && equal < alpha ? "equivalent" : "undecided";
}

/** Maximal runs, by mean, in which no two differ; where seeds are too few to tell, none. */
function tiedRuns(summaries: readonly Summary[], contrasts: readonly Contrast[]): string[][] {
  const names = summaries.map(({ name }) => name);
  const differ = (a: string, b: string) =>
    contrasts.some(
      ({ first, second, outcome }) =>
        (outcome === "different" || outcome === "unknown") &&
        ((first === a && second === b) || (first === b && second === a)),
    );
  const runs: string[][] = [];
  let reached = 0;
  for (let from = 0; from < names.length; from++) {
    let end = from + 1;
    while (end < names.length && !names.slice(from, end).some((one) => differ(one, names[end] as string)))
      end++;
    if (end - from > 1 && end > reached) runs.push(names.slice(from, end));
    reached = Math.max(reached, end);
  }
  return runs;
}
