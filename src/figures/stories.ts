/** How often an answer is right, of a story's question or of a task, by tokens up to and past L_max. */
import { type LineChartOptions, lineChart } from "./charts/lines.ts";
import { bands, type Figure } from "./figure.ts";
import { percent } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { bestOfEach, contextLimit, type Draw, isFar, oneEach, policyFigures } from "./past-limit.ts";
import { areTasks, guesses } from "./references.ts";
import { contextOf, curves, type DemoResult } from "./results.ts";
import { name } from "./words.ts";

/** Curves that a sentence tells one by one, at most. */
const MOST_TOLD = 9;

/** Right answers by the length of the input, for each preset, under each policy past L_max. */
export const stories: Figure = {
  id: "stories",
  heading: "Does it still answer when the input is longer?",
  metrics: ["exact_match"],
  sentence,
  draw(results, document) {
    const series = curves(results, "exact_match", (at) => at.length);
    if (series.length === 0) return undefined;
    const lead = sentence(results) ?? "No input measured is between a known L_max and twice that long.";
    const context = contextOf(results);
    const best = new Set(bestStories(results).map(({ curve }) => curve.label));
    const rules = guesses(results);
    const options: LineChartOptions = {
      ...{ height: 340, logX: isFar(series, context), dots: true, yDomain: [0, 1], yFormat: "%" },
      label: `Share of right answers by the length of the input, a line for each preset. ${lead}`,
      xLabel: "tokens of the input →",
      yLabel: "↑ answers that are right",
      limit: context === undefined ? undefined : contextLimit(context),
    };
    const draw: Draw = (some, size) => lineChart(some, { ...options, ...size });
    return {
      lead,
      figures: [
        ...linePanels(
          oneEach(series, (one) => best.has(one.label)),
          { ...options, rules },
          document,
        ),
        ...policyFigures(series, draw, [], document),
      ],
      caption: [
        areTasks(results)
          ? "Answers to problems of the task, right from their first token to their last."
          : "Answers to the question at the end of a story.",
        rules.length > 0 &&
          "Dotted: guessing among the nouns of the story, which is all that its words without their order allow, and among all nouns.",
        bands(series),
      ]
        .filter(Boolean)
        .join(" "),
    };
  },
};

/**
 * How right answers fare from the longest input inside L_max to the longest up to 2·L_max, under
 * the policy that does best.
 */
function sentence(results: readonly DemoResult[]): string | undefined {
  const all = bestStories(results);
  const sorted = [...all].sort((a, b) => b.last.y - a.last.y);
  const told = all.length > MOST_TOLD ? [...sorted.slice(0, 2), ...sorted.slice(-2)] : all;
  const clauses = told.map(
    ({ curve, inside, last }) =>
      `${name(curve.label)} ${percent(inside.y)} at ${inside.x} tokens, ${percent(last.y)} at ${last.x}`,
  );
  if (clauses.length === 0) return undefined;
  const which = told.length < all.length ? ` (of ${all.length}, the two best and the two worst)` : "";
  return `Right answers inside and past L_max${which}: ${clauses.join("; ")}.`;
}

/** For each preset, the curve of right answers that is highest at the longest input up to 2·L_max. */
function bestStories(results: readonly DemoResult[]) {
  const context = contextOf(results);
  if (context === undefined) return [];
  const all = curves(results, "exact_match", (at) => at.length).flatMap((curve) => {
    const inside = curve.points.filter((point) => point.x <= context).at(-1);
    const last = curve.points.filter((point) => point.x > context && point.x <= 2 * context).at(-1);
    return inside === undefined || last === undefined ? [] : [{ curve, inside, last }];
  });
  return bestOfEach(results, all, (a, b) => b.last.y - a.last.y);
}
