/** The report's sections on what happens past L_max: the loss by position, and the answers to longer stories. */
import { type LineSeries, panels } from "../../figures/charts/lines.ts";
import { type LossByPositionOptions, lossByPosition } from "../../figures/charts/loss-by-position.ts";
import { type Chart, chartSvg } from "../../figures/charts/plot.ts";
import { storyAccuracy } from "../../figures/charts/story-accuracy.ts";
import { bands, both, missing, type ReportFigure } from "../../figures/figures.ts";
import { floorCurve, guesses } from "../../figures/references.ts";
import { type Curve, contextOf, curves, type DemoResult, mean } from "../../figures/results.ts";
import * as say from "../../figures/sentences.ts";
import type { ReportSection } from "./page.ts";

const BINS_PER_OCTAVE = 8;
/** Pixels of a small figure: two or three stand side by side, one fits a phone. */
const SMALL = 300;

/**
 * The bin of a length, as the geometric middle of the whole numbers in it: an eighth of an octave wide, with L_max the last
 * number of its bin, so that none holds lengths from both sides.
 */
export function octaveBin(length: number, context: number): number {
  const edge = (k: number) => Math.floor(context * 2 ** (k / BINS_PER_OCTAVE) + 1e-9);
  let k = Math.ceil(Math.log2(length / context) * BINS_PER_OCTAVE - 1e-9);
  while (edge(k) < length) k++; // edges are rounded down to whole numbers
  return Math.sqrt((edge(k - 1) + 1) * edge(k));
}

/** The loss by position of each preset, under each policy past L_max. */
export function lengthSection(results: readonly DemoResult[], document: Document): ReportSection {
  const context = contextOf(results);
  const series = curves(results, "nll", (at) => {
    const read = say.tokensRead(at);
    return read === undefined || context === undefined ? read : octaveBin(read, context);
  });
  const id = { id: "length", heading: "What happens past L_max?" };
  if (series.length === 0) return { ...id, lead: missing("nll") };
  const lead = say.lengthSentence(results) ?? "No curve has points on both sides of a known L_max.";
  const label = `Loss by position in the context, a line for each preset. ${lead}`;
  const logX = isFar(series, context);
  const floor = floorSeries(results, series, context);
  const best = new Set(say.bestPastLimits(results).map(({ curve }) => curve.label));
  const chosen = oneEach(series, (one) => best.has(one.label));
  const draw: Draw = (some, size) => lossByPosition(some, { context, label, logX, behind: floor, ...size });
  return {
    ...id,
    lead: [lead, say.policySentence(results)].filter(Boolean).join(" "),
    figures: [
      ...panels(chosen).map((some) => both((width) => draw(some, { width }), document)),
      ...policyFigures(series, draw, floor, document),
    ],
    caption: [
      "Mean loss of the next token, held-out stories.",
      floor.length > 0 && "Thin and grey: the floor, a perfect model's loss at that position.",
      context !== undefined && "Points average an eighth of an octave of positions.",
      chosen.length < series.length &&
        "In parentheses: what is done about positions past L_max, in the first figure whatever does best; small figures: each policy, and the others in grey.",
      context !== undefined &&
        `“From … to” compares the mean over ${context / 2 + 1} to ${context} with that over ${context + 1} to ${2 * context}.`,
      bands(series),
    ]
      .filter(Boolean)
      .join(" "),
  };
}

/** Right answers by the length of the story, for each preset, under each policy past L_max. */
export function storySection(results: readonly DemoResult[], document: Document): ReportSection {
  const series = curves(results, "exact_match", (at) => at.length);
  const id = { id: "stories", heading: "Does it still answer when the story is longer?" };
  if (series.length === 0) return { ...id, lead: missing("exact_match") };
  const lead =
    say.storySentence(results) ?? "No story measured is between a known L_max and twice that long.";
  const label = `Share of right answers by the length of the story, a line for each preset. ${lead}`;
  const context = contextOf(results);
  const logX = isFar(series, context);
  const best = new Set(say.bestStories(results).map(({ curve }) => curve.label));
  const rules = guesses(results);
  const draw: Draw = (some, size) => storyAccuracy(some, { context, label, logX, ...size });
  return {
    ...id,
    lead,
    figures: [
      ...panels(oneEach(series, (one) => best.has(one.label))).map((some) =>
        both((width) => storyAccuracy(some, { context, label, logX, rules, width }), document),
      ),
      ...policyFigures(series, draw, [], document),
    ],
    caption: [
      "Answers to the question at the end of a story.",
      rules.length > 0 &&
        "Dashed: guessing among the nouns of the story, which is all that its words without their order allow, and among all nouns.",
      bands(series),
    ]
      .filter(Boolean)
      .join(" "),
  };
}

type Draw = (
  series: readonly LineSeries[],
  size: Pick<LossByPositionOptions, "width" | "height" | "behind" | "bare">,
) => Chart;

/** Of each preset the chosen curve, or the first. */
function oneEach(series: readonly Curve[], chosen: (one: Curve) => boolean): Curve[] {
  const kinds = [...new Set(series.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const mine = series.filter((one) => one.kind === kind);
    const [one] = [...mine.filter(chosen), ...mine];
    return one === undefined ? [] : [{ ...one, variant: 0 }]; // alone of its kind, so solid
  });
}

/** A small figure for each policy of a preset that has several: one line in its colour, the other policies in grey. */
function policyFigures(
  series: readonly Curve[],
  draw: Draw,
  floor: readonly LineSeries[],
  document: Document,
): ReportFigure[] {
  const several = series.filter(({ kind }) => series.filter((other) => other.kind === kind).length > 1);
  return several.map((one) => {
    const others = several.filter((other) => other.kind === one.kind && other !== one);
    const size = { width: SMALL, height: 220, bare: true, behind: [...others, ...floor] };
    return {
      title: say.name(one.label),
      small: true,
      svg: chartSvg(draw([{ ...one, variant: 0 }], size), document),
    };
  });
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

/** Whether lengths reach so far past L_max that the trained window would be a sliver of the figure. */
function isFar(series: readonly LineSeries[], context: number | undefined): boolean {
  return context !== undefined && series.some((one) => one.points.some((point) => point.x > 4 * context));
}
