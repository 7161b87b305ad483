/** How much of a head's attention at a fixed distance the absolute position explains. */
import { headGrid } from "./charts/head-grid.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { percent } from "./format.ts";
import {
  cellsOf,
  extremeHeads,
  type HeadRow,
  headRowsOf,
  isSmall,
  NAMES,
  type PresetHeads,
} from "./head-rows.ts";
import type { DemoResult } from "./results.ts";
import { name } from "./words.ts";

const METRICS = ["pattern_leakage", "score_leakage"] as const;
const FED = "random words";
const TITLES = {
  pattern_leakage: "weights, after the softmax",
  score_leakage: "scores, before it",
} as const;

/** A grid of weights and one of scores for each preset. */
export const leakage: Figure = {
  id: "leakage",
  heading: "Does attention depend on the absolute position?",
  metrics: METRICS,
  optional: true,
  sentence,
  draw(results, document) {
    if (sentence(results) === undefined) return undefined;
    return {
      figures: headRowsOf(results, METRICS).flatMap((one) =>
        METRICS.flatMap((metric) => grid(one, metric, document)),
      ),
      caption: `Share of the variance at a fixed distance that the query's place explains, over contexts of random words, which say nothing of places. A causal mask alone shows in the weights, since later queries share theirs among more keys; scores have no such share. ${NAMES}`,
    };
  },
};

const isOf = (metric: string) => (row: HeadRow) =>
  row.metric === metric && (row.at as { fed?: unknown }).fed === FED;

function grid(
  { preset, rows }: PresetHeads,
  metric: keyof typeof TITLES,
  document: Document,
): ReportFigure[] {
  const cells = cellsOf(rows, isOf(metric));
  if (cells.length === 0) return [];
  const title = `${name(preset)}: ${TITLES[metric]}`;
  const label = `Grid of heads: the share of variance that the query's place explains, ${title}.`;
  return [
    {
      title,
      small: isSmall(cells),
      ...both((width) => headGrid(cells, { label, limit: 1, width }), document),
    },
  ];
}

/** The head whose scores leak most. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const found = extremeHeads(headRowsOf(results, METRICS), isOf("score_leakage"));
  if (found === undefined) return undefined;
  return `Of the variance of scores at a fixed distance between random words, the query's place explains ${percent(found.high)} in ${found.most}, where it explains most.`;
}
