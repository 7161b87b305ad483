/** Rows of forest plots, from a decision: conditions by their value, and their paired differences. */
import type { Answer } from "../compare/answers.ts";
import type { Contrast } from "../compare/decide.ts";
import { meanOfSeeds } from "../compare/means.ts";
import type { ComparedRun } from "../compare/questions.ts";
import type { ForestRow } from "./charts/forest.ts";
import { outcomeText } from "./comparison.ts";
import { bestFirst, kindOf } from "./conditions.ts";

/** A row a condition: its mean over seeds, or what half of them reached; none where they did not. */
export function valueRows(answer: Answer, runs: readonly ComparedRun[]): ForestRow[] {
  return bestFirst(answer).flatMap((summary): ForestRow[] => {
    const { name: label, mean, middle, values } = summary;
    const center = mean ?? middle;
    if (center === undefined) return [];
    const { interval } = meanOfSeeds(summary, answer.metric?.success);
    const seeds = values.map(({ value }) => value);
    return [{ label, kind: kindOf(label, runs), mean: center, seeds, ...interval }];
  });
}

/** Paired differences to one condition. */
export interface Differences {
  /** What all others are compared with. */
  readonly to: string;
  /** Whether it was asked for; else it is the best of all that were compared in pairs. */
  readonly asked: boolean;
  readonly contrasts: readonly Contrast[];
  readonly rows: readonly ForestRow[];
}

/**
 * The differences to the reference, or, where all pairs were compared, to the best: a part of the
 * same decision, so that p and outcome are corrected for all pairs.
 */
export function differencesOf(answer: Answer, runs: readonly ComparedRun[]): Differences | undefined {
  const { against, contrasts } = answer.decision;
  const order = bestFirst(answer).map(({ name }) => name);
  const to = against ?? order[0];
  if (to === undefined) return undefined;
  const turned = contrasts.flatMap((one): Contrast[] => {
    if (one.second === to) return [one];
    return one.first === to ? [flipped(one)] : [];
  });
  const sorted = order.flatMap((name) => turned.filter(({ first }) => first === name));
  const rows = sorted.flatMap((contrast): ForestRow[] => {
    const { mean, values, interval } = contrast.difference;
    if (values.length === 0) return [];
    const { first: label, outcome } = contrast;
    const said = outcome === "different" ? outcomeText(contrast, answer) : SHORT[outcome];
    const row = { label, kind: kindOf(label, runs), mean, seeds: values, ...interval };
    return [{ ...row, outcome: said, shown: outcome === "different" }];
  });
  return { to, asked: against !== undefined, contrasts: sorted, rows };
}

/** What stands beside a row that does not differ. */
const SHORT = { equivalent: "the same", undecided: "undecided", unknown: "" } as const;

/** second − first. */
function flipped({ first, second, difference, order, ...rest }: Contrast): Contrast {
  const { mean, values, interval } = difference;
  return {
    ...{ ...rest, first: second, second: first },
    difference: {
      ...difference,
      mean: -mean,
      values: values.map((value) => -value),
      ...(interval && { interval: { low: -interval.high, high: -interval.low } }),
    },
    ...(order && { order: { ...order, higher: order.lower, lower: order.higher } }),
  };
}

/** Ties as brackets show them: in the order of the rows, of those that are drawn. */
export function tiesOf({ decision }: Answer, rows: readonly ForestRow[]): string[][] {
  const drawn = rows.map(({ label }) => label);
  return decision.tied
    .map((run) => drawn.filter((label) => run.includes(label)))
    .filter((run) => run.length > 1);
}
