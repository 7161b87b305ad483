/**
 * The loss of the same tokens by how much context the model reads: only the use of more context can
 * lower it.
 */
import { type LineChartOptions, lineChart } from "./charts/lines.ts";
import { bands, type Figure } from "./figure.ts";
import { fixed, listed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { bestOfEach, contextLimit, type Draw, oneEach, policyFigures } from "./past-limit.ts";
import { contextOf, curves, type DemoResult } from "./results.ts";
import { name } from "./words.ts";

/** Differences in nats below this are called equal. */
const SAME_NATS = 0.02;

/** A line for each preset, under the policy past L_max that serves it best; small figures for the others. */
export const windows: Figure = {
  id: "windows",
  heading: "Is a longer context used?",
  metrics: ["matched_nll"],
  optional: true,
  sentence,
  draw(results, document) {
    const series = byContext(results);
    if (series.length === 0) return undefined;
    const lead = sentence(results) ?? "No context measured is longer than a known L_max.";
    const context = contextOf(results);
    const lengths = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))];
    const options: LineChartOptions = {
      ...{ height: 320, dots: true, logX: true, xTicks: lengths.sort((a, b) => a - b) },
      label: `Loss of the same tokens by the tokens of context that are read, a line for each preset. ${lead}`,
      xLabel: "tokens of context →",
      yLabel: "↑ loss, nats per token",
      limit: context === undefined ? undefined : contextLimit(context),
    };
    const draw: Draw = (some, size) => lineChart(some, { ...options, ...size });
    const best = new Set(ends(results).map(({ curve }) => curve.label));
    return {
      lead,
      figures: [
        ...linePanels(
          oneEach(series, (one) => best.has(one.label)),
          options,
          document,
        ),
        ...policyFigures(series, draw, [], document),
      ],
      caption: [
        "Each point is of the same tokens, each read with so many tokens before it (of a masked model: around it).",
        bands(series),
      ]
        .filter(Boolean)
        .join(" "),
    };
  },
};

const byContext = (results: readonly DemoResult[]) => curves(results, "matched_nll", (at) => at.length);

/** For each preset the curve that is lowest at its longest context, with its points at L_max and there. */
function ends(results: readonly DemoResult[]) {
  const context = contextOf(results);
  const all = byContext(results).flatMap((curve) => {
    const inside = curve.points.filter(({ x }) => context !== undefined && x <= context).at(-1);
    const last = curve.points.at(-1);
    return inside === undefined || last === undefined || last.x <= inside.x ? [] : [{ curve, inside, last }];
  });
  return bestOfEach(results, all, (a, b) => a.last.y - b.last.y);
}

/** What the same tokens cost with the longest context inside L_max, and with the longest of all. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const all = ends(results);
  const [first] = all;
  if (first === undefined) return undefined;
  const clauses = all.map(({ curve, inside, last }) => {
    const change = last.y - inside.y;
    const whose = `of ${name(curve.label)}`;
    if (Math.abs(change) < SAME_NATS) return `${whose} stays at ${fixed(inside.y)}`;
    return `${whose} ${change > 0 ? "rises" : "falls"} from ${fixed(inside.y)} to ${fixed(last.y)}`;
  });
  return `From ${first.inside.x} to ${first.last.x} tokens of context the loss of the same tokens ${listed(clauses)} nats.`;
}
