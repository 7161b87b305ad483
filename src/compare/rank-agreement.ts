/**
 * From which step of training on do conditions stand in the order in which they end?
 *
 *     share of pairs   of all pairs of conditions, those whose order at step s is that of the end; a pair that is equal at s
 *                      counts one half, so that chance is ½ (the decision accuracy of DataDecide, arXiv:2504.11393)
 *     Kendall's τ_b    of the same two orders: (C − D) / √((C + D + T_s)(C + D + T_end))   C pairs in one order, D in the other,
 *                      T tied at one alone (Kendall 1945)
 *
 * Orders are of means over seeds. What one seed alone would have told is the share of each seed's
 * order at s. Pairs that nothing tells apart at the end have no order but chance: the share of
 * those that are told apart stands beside.
 */
import type { Metric } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import { decide } from "./decide.ts";
import { type Interval, seedInterval } from "./intervals.ts";
import { tauOfSigns } from "./kendall.ts";
import { LEAST_SEEDS, sharedSeeds } from "./paired.ts";
import { type ComparedRun, type Question, questionsOf } from "./questions.ts";

/** How far the order at a step is that of the end. */
export interface AgreementAt {
  readonly step: number;
  /** Of pairs that differ at the end. */
  readonly share: number;
  /** Undefined where all conditions are equal at the step. */
  readonly tau?: number | undefined;
  /** The share of pairs that are told apart at the end; undefined where none is. */
  readonly decided?: number | undefined;
  /** The share of each seed's own order, in the order of the seeds, and the interval of their mean. */
  readonly seeds: readonly number[];
  readonly interval?: Interval | undefined;
}

/** A metric over the steps that all conditions were asked at. */
export interface RankAgreement {
  readonly metric: string;
  readonly at: Question["at"];
  readonly conditions: number;
  /** Pairs of conditions that differ at the end, and those that are told apart. */
  readonly pairs: number;
  readonly decidedPairs: number;
  /** The last step is the end, with which all are compared. */
  readonly steps: readonly AgreementAt[];
}

/** Of fewer there is no order to speak of. */
const [LEAST_CONDITIONS, LEAST_STEPS] = [3, 3];

/**
 * Of each metric that runs were asked at several steps.
 *
 * @param metrics what metrics say
 */
export function rankAgreements(
  runs: readonly ComparedRun[],
  metrics: Readonly<Record<string, Metric>>,
): RankAgreement[] {
  const byStep = runs.flatMap(({ measurements }) => measurements.filter(({ at }) => at.step !== undefined));
  const questions = questionsOf(runs, metrics, [...new Set(byStep.map(({ metric }) => metric))]);
  const found = new Map<string, Question[]>();
  for (const question of questions) {
    const { step, ...at } = question.at;
    const key = JSON.stringify([question.metric, at]);
    if (step !== undefined) found.set(key, [...(found.get(key) ?? []), question]);
  }
  return [...found.values()].flatMap((all) => agreementOf(all) ?? []);
}

/** @param questions of one metric at one place, a question a step */
function agreementOf(questions: readonly Question[]): RankAgreement | undefined {
  const most = Math.max(...questions.map(({ conditions }) => conditions.length));
  const whole = questions.filter(({ conditions }) => conditions.length === most);
  const sorted = [...whole].sort((a, b) => Number(a.at.step) - Number(b.at.step));
  const end = sorted.at(-1);
  if (end === undefined || most < LEAST_CONDITIONS || sorted.length < LEAST_STEPS) return undefined;
  const means = meansOf(end);
  const differing = pairsOf([...means.keys()]).filter((pair) => signOf(means, pair) !== 0);
  const { contrasts } = decide(end.conditions);
  const apart = contrasts.filter(({ outcome }) => outcome === "different");
  const decided = apart.map(({ first, second }): Pair => [first, second]);
  const { step: _, ...at } = end.at;
  return {
    ...{ metric: end.metric, at, conditions: most, pairs: differing.length, decidedPairs: decided.length },
    steps: sorted.map((question) => {
      const here = meansOf(question);
      const seeds = ordersOfSeeds(question).map((order) => shareOf(differing, order, means) as number);
      return {
        step: Number(question.at.step),
        share: shareOf(differing, here, means) ?? Number.NaN,
        tau: tauOf(here, means),
        decided: shareOf(decided, here, means),
        seeds,
        interval: within01(seedInterval(seeds, LEAST_SEEDS)),
      };
    }),
  };
}

const within01 = (interval: Interval | undefined): Interval | undefined =>
  interval && { low: Math.max(0, interval.low), high: Math.min(1, interval.high) };

type Pair = readonly [string, string];
type Order = ReadonlyMap<string, number>;

const meansOf = ({ conditions }: Question): Order =>
  new Map(conditions.map(({ name, values }) => [name, mean([...values.values()])]));

/** The values of each seed that all conditions have. */
function ordersOfSeeds({ conditions }: Question): Order[] {
  return sharedSeeds(conditions.map(({ values }) => values)).map(
    (seed) => new Map(conditions.map(({ name, values }) => [name, values.get(seed) as number])),
  );
}

const pairsOf = (names: readonly string[]): Pair[] =>
  names.flatMap((a, i) => names.slice(i + 1).map((b): Pair => [a, b]));

/** Means that differ by rounding alone are equal. */
const ROUNDING = 1e-12;

function signOf(order: Order, [a, b]: Pair): number {
  const [one, other] = [order.get(a) as number, order.get(b) as number];
  const equal = Math.abs(one - other) <= ROUNDING * Math.max(Math.abs(one), Math.abs(other));
  return equal ? 0 : Math.sign(one - other);
}

function shareOf(pairs: readonly Pair[], here: Order, end: Order): number | undefined {
  if (pairs.length === 0) return undefined;
  return mean(
    pairs.map((pair) => {
      const sign = signOf(here, pair);
      return sign === 0 ? 0.5 : sign === signOf(end, pair) ? 1 : 0;
    }),
  );
}

/**
 * τ_b of two orders of the same conditions; undefined where one of them has no order.
 *
 * @example
 * const end = new Map([["a", 1], ["b", 2], ["c", 3]]);
 * assert.equal(tauOf(new Map([["a", 1], ["b", 3], ["c", 2]]), end)?.toFixed(4), "0.3333");
 */
export function tauOf(here: Order, end: Order): number | undefined {
  const pairs = pairsOf([...end.keys()]);
  const tau = tauOfSigns(pairs.map((pair) => [signOf(here, pair), signOf(end, pair)]));
  return Number.isNaN(tau) ? undefined : tau;
}
