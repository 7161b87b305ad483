/**
 * Loss at each position of a window longer than the trained one: where the curve leaves its floor
 * is what L_max means.
 */
import { mean } from "../tensor/numbers.ts";
import { type LineChartOptions, type LineSeries, lineChart } from "./charts/lines.ts";
import type { Chart } from "./charts/plot.ts";
import { bands, type Figure } from "./figure.ts";
import { fixed, listed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import * as limit from "./past-limit.ts";
import { floorCurve } from "./references.ts";
import { contextOf, curves, type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** Differences in nats below this are called equal: seeds of models of this size differ by about as much. */
const SAME_NATS = 0.02;
const BINS_PER_OCTAVE = 8;
/** Curves that a sentence tells one by one, at most. */
const MOST_TOLD = 9;

/** The loss by position of each preset, under each policy past L_max. */
export const length: Figure = {
  id: "length",
  heading: "What happens past L_max?",
  metrics: ["nll"],
  inShort: true,
  sentence,
  draw(results, document) {
    const context = contextOf(results);
    const series = curves(results, "nll", (at) => {
      const read = limit.tokensRead(at);
      return read === undefined || context === undefined ? read : octaveBin(read, context);
    });
    if (series.length === 0) return undefined;
    const lead = sentence(results) ?? "No curve has points on both sides of a known L_max.";
    const label = `Loss by position in the context, a line for each preset. ${lead}`;
    const logX = limit.isFar(series, context);
    const floor = floorSeries(results, series, context);
    const best = new Set(limit.bestPastLimits(results).map(({ curve }) => curve.label));
    const chosen = limit.oneEach(series, (one) => best.has(one.label));
    const draw: limit.Draw = (some, size) =>
      lossByPosition(some, { context, label, logX, behind: floor, ...size });
    return {
      lead: [lead, policySentence(results)].filter(Boolean).join(" "),
      figures: [
        ...linePanels(drawable(chosen, logX), lossOptions({ context, label, logX, behind: floor }), document),
        ...limit.policyFigures(series, draw, floor, document),
      ],
      caption: captionOf(series, context, {
        floor: floor.length > 0,
        policies: chosen.length < series.length,
      }),
    };
  },
};

function captionOf(
  series: readonly LineSeries[],
  context: number | undefined,
  { floor, policies }: { readonly floor: boolean; readonly policies: boolean },
): string {
  return [
    "Mean loss of the next token, held-out stories.",
    floor && "Thin and grey: the floor, a perfect model's loss at that position.",
    context !== undefined && "Points average an eighth of an octave of positions.",
    policies &&
      "In parentheses: what is done about positions past L_max, in the first figure whatever does best; small figures: each policy, and the others in grey.",
    context !== undefined &&
      `“From … to” compares the mean over ${context / 2 + 1} to ${context} with that over ${context + 1} to ${2 * context}.`,
    bands(series),
  ]
    .filter(Boolean)
    .join(" ");
}

/**
 * What the loss does past L_max for each preset, under the policy that serves it best; least harmed
 * first.
 */
function sentence(results: readonly DemoResult[]): string | undefined {
  const all = limit.bestPastLimits(results).sort((a, b) => a.past - a.inside - (b.past - b.inside));
  if (all.length === 0) return undefined;
  const told = all.length > MOST_TOLD ? [...all.slice(0, 2), ...all.slice(-2)] : all;
  const clauses = told.map(({ curve, inside, past }) => {
    const change = past - inside;
    if (Math.abs(change) < SAME_NATS) return `of ${name(curve.label)} stays at ${fixed(inside)}`;
    return `of ${name(curve.label)} ${change > 0 ? "rises" : "falls"} from ${fixed(inside)} to ${fixed(past)}`;
  });
  const others =
    told.length < all.length
      ? ` These are, of ${all.length}, the two that rise least and the two that rise most.`
      : "";
  return `Past L_max the loss ${listed(clauses)} nats.${others}`;
}

/** Of each preset with several policies past L_max, how they compare. */
function policySentence(results: readonly DemoResult[]): string | undefined {
  const all = limit.pastLimits(results);
  const sentences = presetsOf(results).flatMap((preset) => {
    const mine = all.filter(({ curve }) => curve.preset === preset).sort((a, b) => a.past - b.past);
    const policies = mine.map(({ curve, past }) => `${fixed(past)} (${curve.policy ?? "none named"})`);
    return policies.length > 1
      ? [`By policy, the loss of ${name(preset)} there is ${listed(policies)} nats.`]
      : [];
  });
  return sentences.length > 0 ? sentences.join(" ") : undefined;
}

export interface LossByPositionOptions
  extends Pick<LineChartOptions, "label" | "logX" | "width" | "height" | "behind" | "bare"> {
  /** L_max: the tokens of a training window. Position L_max, counted from 1, is the last inside it. */
  readonly context?: number | undefined;
}

/**
 * One line for each preset and policy; x is a position counted from 1, y the mean negative
 * log-likelihood in nats.
 */
export function lossByPosition(series: readonly LineSeries[], options: LossByPositionOptions): Chart {
  const { width = 720, height = 380, bare = false } = options;
  const drawn = drawable(series, options.logX ?? false);
  return lineChart(drawn, { ...lossOptions(options), width, height, bare });
}

/** Without what has no logarithm, where that is the scale. */
const drawable = (all: readonly LineSeries[], logX: boolean): LineSeries[] =>
  all.map((one) => ({ ...one, points: one.points.filter((p) => !logX || p.x > 0) }));

function lossOptions({ context, label, logX = false, behind = [] }: LossByPositionOptions): LineChartOptions {
  return {
    ...{ label, logX, behind: drawable(behind, logX), height: 380 },
    xLabel: "position, counted from 1 →",
    yLabel: "↑ loss, nats per token",
    limit: context === undefined ? undefined : limit.contextLimit(context),
  };
}

/**
 * The bin of a length, as the geometric middle of the whole numbers in it: an eighth of an octave
 * wide, with L_max the last number of its bin, so that none holds lengths from both sides.
 */
export function octaveBin(length: number, context: number): number {
  const edge = (k: number) => Math.floor(context * 2 ** (k / BINS_PER_OCTAVE) + 1e-9);
  let k = Math.ceil(Math.log2(length / context) * BINS_PER_OCTAVE - 1e-9);
  while (edge(k) < length) k++; // edges are rounded down to whole numbers
  return Math.sqrt((edge(k - 1) + 1) * edge(k));
}

/** The floor in the bins of the curves, as far as they go. */
function floorSeries(
  results: readonly DemoResult[],
  series: readonly LineSeries[],
  context: number | undefined,
): LineSeries[] {
  const furthest = Math.ceil(Math.max(0, ...series.flatMap(({ points }) => points.map(({ x }) => x)))) * 2;
  const curve = floorCurve(results, furthest);
  if (curve === undefined || context === undefined) return [];
  const places = new Set(series.flatMap(({ points }) => points.map(({ x }) => x)));
  const binned = [...places]
    .sort((a, b) => a - b)
    .map((x) => {
      const here = curve.filter((point) => octaveBin(point.x, context) === x);
      return { x, y: mean(here.map(({ y }) => y)) };
    });
  return [{ label: "floor", kind: "floor", points: binned.filter(({ y }) => Number.isFinite(y)) }];
}
