/** How far each head looks, and what it gives to each distance. */
import { headCurves } from "./charts/head-curves.ts";
import { headGrid } from "./charts/head-grid.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { fixed } from "./format.ts";
import { cellsOf, extremeHeads, headRowsOf, middleOf, NAMES, type PresetHeads } from "./head-rows.ts";
import { encodingColor } from "./palette.ts";
import type { DemoResult } from "./results.ts";
import { name } from "./words.ts";

const METRICS = ["mean_distance", "attention_over_even"] as const;

/** A grid of mean distances and a grid of curves for each preset. */
export const attention: Figure = {
  id: "attention",
  heading: "Where do the heads look?",
  metrics: METRICS,
  optional: true,
  sentence,
  draw(results, document) {
    const presets = headRowsOf(results, METRICS);
    if (sentence(results) === undefined) return undefined;
    const distances = presets.flatMap(({ rows }) => cellsOf(rows, isDistance));
    const limit = Math.max(...distances.map(({ value }) => value));
    return {
      figures: presets.flatMap((one) => [...grid(one, limit, document), ...curves(one, document)]),
      caption: `Numbers: mean distance from a query to its keys, in tokens, weighed by attention. Curves: attention by distance over what attending evenly gives (the dotted line), the height growing as its square root. ${NAMES}`,
    };
  },
};

const isDistance = ({ metric }: { readonly metric: string }) => metric === "mean_distance";

function grid({ preset, rows }: PresetHeads, limit: number, document: Document): ReportFigure[] {
  const cells = cellsOf(rows, isDistance);
  const label = `Grid of heads of ${name(preset)}: the mean distance of each, in tokens.`;
  if (cells.length === 0) return [];
  const chart = both((width) => headGrid(cells, { label, limit, width }), document);
  return [{ title: `${name(preset)}: mean distance`, ...chart }];
}

function curves({ preset, kind, rows }: PresetHeads, document: Document): ReportFigure[] {
  const points = rows
    .filter(({ metric }) => metric === "attention_over_even")
    .map(({ at: { layer, head, ...at }, value }) => ({
      layer,
      head,
      x: middleOf(at),
      y: value,
      curve: "text",
    }));
  if (points.length === 0) return [];
  const options = {
    label: `Attention of each head of ${name(preset)} by distance, over even attention.`,
    xLabel: "tokens before the query →",
    looks: { text: { stroke: encodingColor(kind) } },
    rule: 1,
  };
  const chart = both((width) => headCurves(points, { ...options, width }), document);
  return [{ title: `${name(preset)}: attention by distance, over even`, ...chart }];
}

/** Which heads look nearest and furthest. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const found = extremeHeads(headRowsOf(results, METRICS), isDistance);
  if (found === undefined) return undefined;
  const { least, most, low, high } = found;
  return `The head that looks nearest is ${least}: ${fixed(low)} tokens on average; the one that looks furthest is ${most}: ${fixed(high)}.`;
}
