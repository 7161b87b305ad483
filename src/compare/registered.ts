/**
 * Statements that were registered before the runs that judge them: orders of conditions by a metric
 * at a place, and ranges of one condition. Each part is scored by itself.
 *
 * Of two conditions a part says that the first is
 *
 *     better         confirmed where a difference that way is shown; refuted where one the other way is, or that
 *                    the difference does not matter
 *     much better    confirmed where the difference is shown to be above the margin; refuted where it is shown
 *                    to be below
 *     no worse       confirmed where it is shown to be worse by less than the margin, if at all; refuted where
 *                    by more
 *     the same       confirmed where the difference is shown to lie within the margin; refuted where outside
 *
 * "Shown" is by the decision of `decide`, over the parts of one statement (Holm), and by the 95 %
 * interval of the paired difference where a margin is asked about. All else is undecided.
 */
import type { Metric } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import { type Contrast, decide } from "./decide.ts";
import { type Interval, seedInterval } from "./intervals.ts";
import { LEAST_SEEDS } from "./paired.ts";
import { type ComparedRun, type Question, questionsOf } from "./questions.ts";

export type Relation = "better" | "much better" | "no worse" | "the same";

/** "not asked": no run measures it yet. */
export type Verdict = "confirmed" | "refuted" | "undecided" | "not asked";

/** What was registered, of one metric at one place. */
export interface Registered {
  readonly id: string;
  /** In a sentence. */
  readonly statement: string;
  /** Who found it, and where: it is what the statement expects of these models too. */
  readonly source: string;
  readonly metric: string;
  readonly at?: Readonly<Record<string, string | number>> | undefined;
  /** Differences below it do not matter, in the metric's unit. */
  readonly margin: number;
  readonly contrasts?: readonly (readonly [first: string, relation: Relation, second: string])[] | undefined;
  /** Between which the mean of a condition lies. */
  readonly ranges?:
    | readonly { readonly condition: string; readonly low?: number; readonly high?: number }[]
    | undefined;
}

/** A part of a statement, and what the runs say of it. */
export interface Scored {
  /** "alibi is no worse than t5". */
  readonly part: string;
  readonly verdict: Verdict;
  /** Of the paired difference, first − second, or of the mean. */
  readonly mean?: number | undefined;
  readonly interval?: Interval | undefined;
  readonly n: number;
}

/**
 * Scores each part, in its order.
 *
 * @param runs of one data
 * @param metrics what metrics say: which way is better
 */
export function scoreRegistered(
  registered: Registered,
  runs: readonly ComparedRun[],
  metrics: Readonly<Record<string, Metric>>,
): Scored[] {
  const { metric, at = {}, margin, contrasts = [], ranges = [] } = registered;
  const question = questionsOf(runs, metrics, [metric]).find((one) => isAt(one, at));
  const names = new Set(question?.conditions.map(({ name }) => name));
  const asked = contrasts.filter(([first, , second]) => names.has(first) && names.has(second));
  const pairs = asked.map(([first, , second]) => [first, second] as const);
  const { better, success, missing } = metrics[metric] ?? {};
  const said = { success, missing: missing?.lies };
  const decided = decide(question?.conditions ?? [], { pairs, margin, ...said });
  const lower = better === "lower";
  return [
    ...contrasts.map((one): Scored => {
      const [first, relation, second] = one;
      const part = `${first} is ${relation} ${relation === "the same" ? "as" : "than"} ${second}`;
      const contrast = decided.contrasts[asked.indexOf(one)];
      if (contrast === undefined) return { part, verdict: "not asked", n: 0 };
      const { mean, interval, n } = contrast.difference;
      return { part, verdict: verdictOf(contrast, relation, { margin, lower }), mean, interval, n };
    }),
    ...ranges.map(({ condition, ...range }) => scoreRange(condition, range, question)),
  ];
}

/** A question has more coordinates than a statement names. */
const isAt = ({ at }: Question, wanted: Readonly<Record<string, string | number>>) =>
  at.split !== "train" && Object.entries(wanted).every(([key, value]) => at[key] === value);

function verdictOf(
  { outcome, difference }: Contrast,
  relation: Relation,
  { margin, lower }: { readonly margin: number; readonly lower: boolean },
): Verdict {
  const { mean, interval } = difference;
  const gain = lower ? -mean : mean;
  const [least, most] = gainsOf(interval, lower);
  const shown = outcome === "different";
  switch (relation) {
    case "better":
      if (shown) return gain > 0 ? "confirmed" : "refuted";
      return outcome === "equivalent" ? "refuted" : "undecided";
    case "much better":
      if (shown && least > margin) return "confirmed";
      return most < margin ? "refuted" : "undecided";
    case "no worse":
      if (least > -margin) return "confirmed";
      return shown && most < -margin ? "refuted" : "undecided";
    case "the same":
      if (outcome === "equivalent") return "confirmed";
      return shown && (least > margin || most < -margin) ? "refuted" : "undecided";
    default:
      return relation satisfies never;
  }
}

/** How much better the first is, at least and at most; without an interval, anything. */
function gainsOf(interval: Interval | undefined, lower: boolean): [least: number, most: number] {
  const { low, high } = interval ?? { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return lower ? [-high, -low] : [low, high];
}

function scoreRange(
  condition: string,
  { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY }: Partial<Interval>,
  question: Question | undefined,
): Scored {
  const part = rangeText(condition, low, high);
  const found = question?.conditions.find(({ name }) => name === condition);
  const values = [...(found?.values.values() ?? [])];
  if (values.length === 0) return { part, verdict: "not asked", n: 0 };
  const interval = seedInterval(values, LEAST_SEEDS);
  const center = mean(values);
  const scored = { part, mean: center, interval, n: values.length };
  if (interval === undefined) return { ...scored, verdict: "undecided" };
  if (interval.low >= low && interval.high <= high) return { ...scored, verdict: "confirmed" };
  const apart = interval.high < low || interval.low > high;
  return { ...scored, verdict: apart ? "refuted" : "undecided" };
}

function rangeText(condition: string, low: number, high: number): string {
  if (high === Number.POSITIVE_INFINITY) return `${condition} is ${low} or above`;
  return low === Number.NEGATIVE_INFINITY
    ? `${condition} is ${high} or below`
    : `${condition} lies between ${low} and ${high}`;
}
