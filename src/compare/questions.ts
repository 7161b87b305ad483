/**
 * From runs to what can be compared: for each metric and place, a value of each condition by seed.
 *
 * What is trained past L_max under several policies is several conditions, `learned (clamp)` and
 * `learned (wrap)`. Positions become ranges in multiples of L_max, so that conditions of different
 * lengths meet.
 */
import type { Measurement, Metric } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import type { Condition } from "./decide.ts";

/** A model that was trained and probed. */
export interface ComparedRun {
  /** What was varied, such as a preset: runs of one condition differ in their seed alone. */
  readonly condition: string;
  /** The encoding, which decides the colour. */
  readonly encoding: string;
  /** What it was trained on, where runs differ in it: conditions are compared on one data each. */
  readonly data?: string | undefined;
  readonly seed: number;
  readonly parameters: number;
  /** L_max */
  readonly context: number;
  readonly measurements: readonly Measurement[];
  /** Tells apart vocabularies that text is split into; left out where all runs compared have the same. */
  readonly vocabulary?: string | undefined;
  /** As it was resolved; left out where no preset has trained it. */
  readonly config?: object | undefined;
  /** Validation losses of its training, nats; left out where nobody knows them. */
  readonly validation?: readonly ValidationLoss[] | undefined;
}

export type ValidationLoss = readonly [step: number, loss: number];

/** A metric at a place, by condition. */
export interface Question {
  readonly metric: string;
  readonly unit: string;
  readonly at: Readonly<Record<string, string | number>>;
  readonly conditions: readonly Condition[];
}

/** The policy of an encoding that is defined everywhere. */
const DEFINED = "contiguous";

/** What says which part of a model, or of its training, a row is of: too many to compare unasked. */
const PARTS: ReadonlySet<string> = new Set(["layer", "head", "parameter", "pair", "step"]);

/**
 * The questions that two conditions or more answer, in the order of the rows.
 *
 * @param wanted metrics by name; left out, those that judge, or all where none does; of whole models
 * @param metrics what metrics say
 */
export function questionsOf(
  runs: readonly ComparedRun[],
  metrics: Readonly<Record<string, Metric>>,
  wanted?: readonly string[],
): Question[] {
  const judges = (metric: string) => (metrics[metric]?.better ?? "neither") !== "neither";
  const some = runs.some(({ measurements }) => measurements.some(({ metric }) => judges(metric)));
  const isAsked = ({ metric, at }: Measurement) =>
    wanted?.includes(metric) ?? ((judges(metric) || !some) && !Object.keys(at).some((key) => PARTS.has(key)));
  const found = new Map<string, Gathered>();
  for (const run of runs) {
    for (const row of run.measurements) {
      const { value } = row;
      const told = value === null ? metrics[row.metric]?.missing !== undefined : Number.isFinite(value);
      if (!told || !isAsked(row)) continue;
      const { at: place, beyond } = placeOf(row, run.context);
      const at = run.data ? { data: run.data, ...place } : place;
      const key = JSON.stringify([row.metric, Object.entries(at).sort()]);
      const question = found.get(key) ?? { metric: row.metric, unit: row.unit, at, values: new Map() };
      found.set(key, question);
      gather(question.values, beyond ? `${run.condition} (${beyond})` : run.condition, run.seed, value);
    }
  }
  return [...found.values()].map(questionOf).filter(({ conditions }) => conditions.length > 1);
}

interface Gathered extends Omit<Question, "conditions"> {
  /** By condition, then by seed: the values of its rows, null where one lies past what was tested. */
  readonly values: Map<string, Map<number, (number | null)[]>>;
}

function gather(values: Gathered["values"], condition: string, seed: number, value: number | null): void {
  const bySeed = values.get(condition) ?? new Map<number, (number | null)[]>();
  values.set(condition, bySeed);
  bySeed.set(seed, [...(bySeed.get(seed) ?? []), value]);
}

/** Rows of one place, such as the positions of a range, have equal weight. */
function questionOf({ values, ...question }: Gathered): Question {
  const conditions = [...values].map(([name, bySeed]): Condition => {
    const missing = [...bySeed].filter(([, ones]) => ones.includes(null)).map(([seed]) => seed);
    const whole = [...bySeed].filter(([seed]) => !missing.includes(seed)) as [number, number[]][];
    return {
      name,
      values: new Map(whole.map(([seed, ones]) => [seed, mean(ones)])),
      ...(missing.length > 0 && { missing: new Set(missing) }),
    };
  });
  return { ...question, conditions };
}

/**
 * The place of a row without what differs by condition: its policy, and the tokens of its contexts
 * where positions say more.
 */
function placeOf(
  { at }: Measurement,
  context: number,
): { at: Record<string, string | number>; beyond: string | undefined } {
  const { beyond, position, length, ...rest } = at;
  const place: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(rest)) if (value !== undefined) place[key] = value;
  if (position !== undefined) place.range = rangeOf(position, context);
  else if (length !== undefined) place.length = `${Number((length / context).toFixed(2))} L_max`;
  return { at: place, beyond: beyond === DEFINED ? undefined : beyond };
}

/** "0–1 L_max", "1–2 L_max", "2–4 L_max", … */
export function rangeOf(position: number, context: number): string {
  const low = position < context ? 0 : 2 ** Math.floor(Math.log2(position / context));
  return `${low}–${Math.max(1, 2 * low)} L_max`;
}
