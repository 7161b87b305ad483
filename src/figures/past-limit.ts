/**
 * What the figures about lengths past L_max share: means on both sides of it, and a small figure
 * for each policy.
 */
import { type Interval, seedInterval } from "../compare/intervals.ts";
import type { MeasurementSite } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import type { LineChartOptions, LineSeries } from "./charts/lines.ts";
import { type Chart, chartSvg } from "./charts/plot.ts";
import type { ReportFigure } from "./figure.ts";
import { type Curve, contextOf, curves, type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** Pixels of a small figure: two or three stand side by side, one fits a phone. */
const SMALL = 300;

/**
 * Mean losses over the second half of the trained window, and over as many tokens past it as the
 * window has.
 */
export interface PastLimit {
  readonly curve: Curve;
  readonly inside: number;
  readonly past: number;
  /** 95% interval of `past` over seeds, where there are several. */
  readonly interval?: Interval | undefined;
}

/**
 * The tokens that a model has read when it predicts at `position`, so that L_max is the last inside
 * the trained window.
 */
export function tokensRead({ position }: MeasurementSite): number | undefined {
  return position === undefined ? undefined : position + 1;
}

/** Every curve of loss that has points on both sides of L_max. */
export function pastLimits(results: readonly DemoResult[]): PastLimit[] {
  const context = contextOf(results);
  if (context === undefined) return [];
  const lossCurves = (of: readonly DemoResult[]) => curves(of, "nll", tokensRead);
  const between = ({ points }: Curve, low: number, high: number) =>
    mean(points.filter((point) => point.x > low && point.x <= high).map((point) => point.y));
  const seeds = results.flatMap((result) => lossCurves([result]));
  return lossCurves(results).flatMap((curve) => {
    const [inside, past] = [between(curve, context / 2, context), between(curve, context, 2 * context)];
    if (Number.isNaN(inside) || Number.isNaN(past)) return [];
    const each = seeds
      .filter((seed) => seed.label === curve.label)
      .map((seed) => between(seed, context, 2 * context));
    return [{ curve, inside, past, interval: seedInterval(each) }];
  });
}

/** For each preset, the curve with the least loss past L_max. */
export function bestPastLimits(results: readonly DemoResult[]): PastLimit[] {
  return bestOfEach(results, pastLimits(results), (a, b) => a.past - b.past);
}

/** For each preset, what comes first in an order of its curves. */
export function bestOfEach<T extends { readonly curve: Curve }>(
  results: readonly DemoResult[],
  all: readonly T[],
  order: (a: T, b: T) => number,
): T[] {
  return presetsOf(results).flatMap((preset) =>
    all
      .filter(({ curve }) => curve.preset === preset)
      .sort(order)
      .slice(0, 1),
  );
}

/** Draws curves at a size, with others behind them. */
export type Draw = (
  series: readonly LineSeries[],
  size: Pick<LineChartOptions, "width" | "height" | "behind" | "bare">,
) => Chart;

/** Of each preset the chosen curve, or the first, in the dash of its first. */
export function oneEach(series: readonly Curve[], chosen: (one: Curve) => boolean): Curve[] {
  const presets = [...new Set(series.map(({ preset }) => preset))];
  return presets.flatMap((preset) => {
    const mine = series.filter((one) => one.preset === preset);
    const [one] = [...mine.filter(chosen), ...mine];
    return one === undefined ? [] : [alone(one, series)];
  });
}

/** The curve as it is drawn where its preset has no other. */
function alone(one: Curve, series: readonly Curve[]): Curve {
  return { ...one, variant: series.find(({ preset }) => preset === one.preset)?.variant ?? 0 };
}

/**
 * A small figure for each policy of a preset that has several: one line in its colour, the other
 * policies in grey.
 */
export function policyFigures(
  series: readonly Curve[],
  draw: Draw,
  floor: readonly LineSeries[],
  document: Document,
): ReportFigure[] {
  const ofPreset = (one: Curve) => series.filter(({ preset }) => preset === one.preset);
  return series
    .filter((one) => ofPreset(one).length > 1)
    .map((one) => {
      const others = ofPreset(one).filter((other) => other !== one);
      const size = { width: SMALL, height: 220, bare: true, behind: [...others, ...floor] };
      return {
        title: name(one.label),
        small: true,
        svg: chartSvg(draw([alone(one, series)], size), document),
      };
    });
}

/** Whether lengths reach so far past L_max that the trained window would be a sliver of the figure. */
export function isFar(series: readonly LineSeries[], context: number | undefined): boolean {
  return context !== undefined && series.some((one) => one.points.some((point) => point.x > 4 * context));
}

/** The rule at L_max and the words on both sides of it. */
export function contextLimit(context: number): { x: number; label: string; past: string } {
  return { x: context, label: `L_max = ${context}`, past: "past L_max" };
}
