/** The few numbers that a run is told by, and where one further seed of a study would put them. */
import { type Interval, predictionInterval, seedInterval } from "../compare/intervals.ts";
import { LEAST_SEEDS } from "../compare/paired.ts";
import { mean } from "../tensor/numbers.ts";
import { fixed } from "./format.ts";
import { bestPastLimits, pastLimits } from "./past-limit.ts";
import { contextOf, type DemoResult, estimate, presetsOf } from "./results.ts";

/** One of the numbers. */
export interface Headline {
  readonly key: string;
  readonly heading: string;
  readonly digits: number;
  /** What no value lies outside of. */
  readonly bounds?: Interval;
}

const ACCURACY = { low: 0, high: 1 };
const LOSS = { low: 0, high: Number.POSITIVE_INFINITY };

/** In the order of a table's columns. */
export const HEADLINES: readonly Headline[] = [
  { key: "validation", heading: "validation loss", digits: 3, bounds: LOSS },
  { key: "swap", heading: "swap accuracy", digits: 3, bounds: ACCURACY },
  { key: "shuffle", heading: "shuffle ΔNLL", digits: 2 },
  { key: "inside", heading: "loss, ½–1 L_max", digits: 3, bounds: LOSS },
  { key: "past", heading: "loss, 1–2 L_max", digits: 2, bounds: LOSS },
  { key: "far", heading: "loss, 8–16 L_max", digits: 2, bounds: LOSS },
];

/** A preset's numbers over seeds. */
export interface HeadlineRow {
  readonly preset: string;
  readonly encoding: string;
  readonly parameters: number;
  /** By key, a value a seed. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  /** Under which losses past L_max are: that which does best there on the mean. */
  readonly policy?: string | undefined;
}

/** A row for each preset. */
export function headlineRows(results: readonly DemoResult[]): HeadlineRow[] {
  const best = bestPastLimits(results);
  return presetsOf(results).map((preset) => {
    const mine = results.filter((result) => result.preset === preset);
    const policy = best.find(({ curve }) => curve.preset === preset)?.curve.policy;
    const { encoding = "", parameters = 0 } = mine[0] ?? {};
    return { preset, encoding, parameters, policy, values: headlineValues(mine, policy) };
  });
}

/** The numbers of some runs of one preset, under the policy that is given. */
export function headlineValues(
  runs: readonly DemoResult[],
  policy: string | undefined,
): Record<string, number[]> {
  const each = runs.map((run) => {
    const limit = pastLimits([run]).find(({ curve }) => curve.policy === policy);
    const context = contextOf([run]) ?? Number.NaN;
    const far = limit?.curve.points.filter(({ x }) => x > 8 * context && x <= 16 * context) ?? [];
    return {
      validation: run.log.filter(({ split }) => split === "validation").at(-1)?.loss,
      swap: estimate([run], run.preset, "swap_accuracy")?.value,
      shuffle: estimate([run], run.preset, "prefix_shuffle_delta_nll")?.value,
      inside: limit?.inside,
      past: limit?.past,
      far: far.length > 0 ? mean(far.map(({ y }) => y)) : undefined,
    } as Readonly<Record<string, number | undefined>>;
  });
  return Object.fromEntries(
    HEADLINES.map(({ key }) => [
      key,
      each.flatMap((one) => (Number.isFinite(one[key]) ? [one[key] as number] : [])),
    ]),
  );
}

/** "0.580 [0.577, 0.583]": the mean, and its 95 % interval over three seeds or more. */
export function meanText(
  values: readonly number[] | undefined,
  { digits, bounds }: Headline,
): string | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const center = fixed(mean(values), digits);
  const found = seedInterval(values, LEAST_SEEDS);
  if (found === undefined) return center;
  const { low, high } = within(found, bounds);
  return `${center} [${fixed(low, digits)}, ${fixed(high, digits)}]`;
}

const within = ({ low, high }: Interval, bounds: Interval | undefined): Interval =>
  bounds === undefined
    ? { low, high }
    : { low: Math.max(low, bounds.low), high: Math.min(high, bounds.high) };

/** A number of this machine's beside those of a study. */
export interface Placed {
  readonly preset: string;
  readonly encoding: string;
  readonly headline: Headline;
  readonly value: number;
  /** Of the study: a value a seed, and where one further seed lies in 95 of 100 cases. */
  readonly seeds: readonly number[];
  readonly next: Interval;
  readonly isWithin: boolean;
}

/**
 * Each number that both have, and whether it lies where a further seed of the study would. What is
 * told with as many digits and no more cannot lie outside by less.
 */
export function placedIn(study: readonly HeadlineRow[], results: readonly DemoResult[]): Placed[] {
  return study.flatMap((row) => {
    const mine = results.filter(({ preset }) => preset === row.preset);
    const values = headlineValues(mine, row.policy);
    return HEADLINES.flatMap((headline): Placed[] => {
      const [value, seeds = []] = [values[headline.key]?.[0], row.values[headline.key]];
      const next = predictionInterval(seeds, headline.bounds);
      if (value === undefined || next === undefined) return [];
      const rounding = 0.5 * 10 ** -headline.digits;
      const isWithin = value >= next.low - rounding && value <= next.high + rounding;
      const { preset, encoding } = row;
      return [{ preset, encoding, headline, value, seeds, next, isWithin }];
    });
  });
}
