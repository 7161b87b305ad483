/** What the main job hands to the report, and the two ways in which the report reads it: numbers and curves, over seeds. */

import { fractionInterval, seedInterval } from "../compare/intervals.ts";
import type { Comparison } from "../probes/pair.ts";
import type { Measurement, MeasurementSite } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import type { LinePoint, LineSeries } from "./charts/lines.ts";
import type { Matrix } from "./charts/position-heatmap.ts";

/** The scheme of positions that an encoding defines everywhere, which needs no naming. */
const DEFINED = "contiguous";

/** One trained and probed model. Several results of one preset are its seeds. */
export interface DemoResult {
  /** The preset's name, by which rows, lines and sentences call it. */
  readonly preset: string;
  /** The encoding, as in `model.position.kind`. Presets share one: "none" and "none-1-layer" do. */
  readonly encoding: string;
  readonly title: string;
  /** The resolved config; `model.context` is L_max. */
  readonly config: object;
  readonly parameters: number;
  readonly log: readonly { readonly step: number; readonly split: string; readonly loss: number }[];
  readonly measurements: readonly Measurement[];
  readonly positionTable?: Matrix | undefined;
  readonly pair?: PairResult | undefined;
  readonly comparison?: ComparisonResult | undefined;
  /** Rows of every kept step, which `at.step` names; `measurements` are those of one. */
  readonly steps?: readonly Measurement[] | undefined;
}

/** Two sentences of the user's: what a model makes of each, bare and after each question. */
export interface ComparisonResult {
  readonly sentences: readonly [string, string];
  readonly comparisons: readonly Comparison[];
}

/** What a model expects after two sentences of the same words and a question. */
export interface PairResult {
  readonly sentences: readonly [string, string];
  readonly continuation: string;
  /** Right after the first sentence, and after the second. */
  readonly answers: readonly [string, string];
  /** p(answer) by sentence, then by answer. */
  readonly probabilities: readonly [readonly [number, number], readonly [number, number]];
  readonly divergenceBits: number;
}

/** A mean over seeds. The interval is over seeds if there are several, else over cases where the value is a fraction. */
export interface Estimate {
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly seeds: number;
  readonly cases: number;
}

/** A preset's curve, with the policy past L_max that it was measured under. */
export interface Curve extends LineSeries {
  readonly preset: string;
  readonly policy?: string | undefined;
}

/** The names of the presets, in the order in which they first come. */
export function presetsOf(results: readonly DemoResult[]): string[] {
  return [...new Set(results.map((result) => result.preset))];
}

/**
 * What decides how a preset is drawn: the colour of its encoding, and the dash that sets presets of one encoding apart. The one named
 * after its encoding is solid.
 */
export function lookOf(results: readonly DemoResult[], preset: string): { kind: string; variant: number } {
  const kind = results.find((result) => result.preset === preset)?.encoding ?? preset;
  const others = presetsOf(results.filter(({ encoding }) => encoding === kind)).filter((one) => one !== kind);
  return { kind, variant: others.indexOf(preset) + 1 };
}

/** L_max, if every result's config says the same. */
export function contextOf(results: readonly DemoResult[]): number | undefined {
  const contexts = new Set(
    results.map(({ config }) =>
      "model" in config ? (config.model as { context?: unknown } | null)?.context : undefined,
    ),
  );
  const [context] = contexts;
  return contexts.size === 1 && typeof context === "number" && Number.isFinite(context) ? context : undefined;
}

/** The mean of a metric for one preset over the rows that `where` accepts, the held-out ones if left out; undefined if there are none. */
export function estimate(
  results: readonly DemoResult[],
  preset: string,
  metric: string,
  where: (at: MeasurementSite) => boolean = (at) => at.split !== "train",
): Estimate | undefined {
  const runs = results
    .filter((result) => result.preset === preset)
    .map((result) => result.measurements.filter((row) => row.metric === metric && where(row.at)))
    .map(usable)
    .filter((rows) => rows.length > 0);
  return runs.length === 0 ? undefined : combine(runs);
}

/** Curves of a metric on held-out examples: a line for each preset and policy, a point for each x. */
export function curves(
  results: readonly DemoResult[],
  metric: string,
  x: (at: MeasurementSite) => number | undefined,
): Curve[] {
  return presetsOf(results).flatMap((preset) => {
    const look = lookOf(results, preset);
    const rows = results.flatMap((run) =>
      run.preset === preset
        ? usable(run.measurements)
            .filter((row) => row.metric === metric && row.at.split !== "train")
            .map((row) => ({ run, row, place: x(row.at) }))
        : [],
    );
    const placed = rows.flatMap(({ place, ...one }) => (place === undefined ? [] : [{ ...one, place }]));
    return [...groups(placed, ({ row }) => row.at.beyond)].map(([policy, mine], i) => {
      const points = [...groups(mine, ({ place }) => place)]
        .sort(([a], [b]) => a - b)
        .map(([place, here]) => {
          const runs = [...groups(here, ({ run }) => run).values()];
          return { x: place, ...point(combine(runs.map((ones) => ones.map(({ row }) => row)))) };
        });
      const label = policy === undefined || policy === DEFINED ? preset : `${preset} (${policy})`;
      return { label, preset, kind: look.kind, variant: look.variant + i, points, policy };
    });
  });
}

/** Loss by step of one split of the logs: the mean over seeds, and where there are several, each. */
export function lossCurves(results: readonly DemoResult[], split: string): Curve[] {
  return presetsOf(results).map((preset) => {
    const seeds = results
      .filter((result) => result.preset === preset)
      .map(({ log }) => log.filter((line) => line.split === split && Number.isFinite(line.loss)))
      .filter((log) => log.length > 0)
      .map((log) => log.map(({ step, loss }) => ({ x: step, y: loss })));
    const points = [...groups(seeds.flat(), ({ x }) => x)]
      .sort(([a], [b]) => a - b)
      .map(([x, here]) => [x, here.map(({ y }) => y)] as const)
      .map(([x, ys]) => ({ x, y: mean(ys), ...seedInterval(ys) }));
    const strands = seeds.length > 1 ? { strands: seeds } : {};
    return { label: preset, preset, ...lookOf(results, preset), points, ...strands };
  });
}

/** Items by key, in the order in which keys first come. */
function groups<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const found = new Map<K, T[]>();
  for (const item of items) {
    const group = found.get(key(item));
    if (group) group.push(item);
    else found.set(key(item), [item]);
  }
  return found;
}

function point({ value, low, high, seeds }: Estimate): Omit<LinePoint, "x"> {
  return seeds > 1 ? { y: value, low, high } : { y: value };
}

type Usable = Measurement & { readonly value: number };

function usable(rows: readonly Measurement[]): Usable[] {
  return rows.filter((row): row is Usable => Number.isFinite(row.value));
}

/** Rows of one run are averaged by their cases, runs with equal weight. */
function combine(runs: readonly (readonly Usable[])[]): Estimate {
  const values = runs.map((rows) => {
    const cases = rows.reduce((sum, row) => sum + row.n, 0);
    return cases > 0
      ? rows.reduce((sum, row) => sum + row.value * row.n, 0) / cases
      : mean(rows.map((r) => r.value));
  });
  const cases = runs.flat().reduce((sum, row) => sum + row.n, 0);
  const value = mean(values);
  const isFraction = runs.flat().every((row) => row.unit === "accuracy");
  const overSeeds = seedInterval(values);
  if (overSeeds && isFraction) {
    const [low, high] = [Math.max(0, overSeeds.low), Math.min(1, overSeeds.high)];
    return { value, low, high, seeds: runs.length, cases };
  }
  const interval = overSeeds ?? (isFraction ? fractionInterval(value, independent(runs.flat())) : undefined);
  return { value, ...interval, seeds: runs.length, cases };
}

/** How many independent cases would leave a fraction with its standard error: fewer than n where cases are of one topic. */
function independent(rows: readonly Usable[]): number {
  const cases = rows.reduce((sum, row) => sum + row.n, 0);
  const value = rows.reduce((sum, row) => sum + row.value * row.n, 0) / cases;
  const squares = rows.reduce((sum, { n, se }) => sum + (n * (typeof se === "number" ? se : 0)) ** 2, 0);
  const error = Math.sqrt(squares) / cases;
  return error > 0 ? Math.max(2, Math.min(cases, 1 + (value * (1 - value)) / error ** 2)) : cases;
}
