/**
 * Where in a context a model finds what followed a token: accuracy by depth and length, and the
 * curve over depths at L_max.
 */
import * as Plot from "@observablehq/plot";
import { CHART_STYLE, type Chart } from "./charts/plot.ts";
import { bands, both, type Figure, type ReportFigure } from "./figure.ts";
import { listed, percent } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { poleColor } from "./palette.ts";
import { contextOf, curves, type DemoResult, estimate, presetsOf } from "./results.ts";
import { name } from "./words.ts";

const GUESSING = 0.5;
/** Pixels of a small figure: two or three stand side by side, one fits a phone. */
const SMALL = 300;

/** The serial-position curve of all presets, then a heat map for each. */
export const needle: Figure = {
  id: "needle",
  heading: "Does it find a needle, wherever it lies?",
  metrics: ["needle_accuracy"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const series = curves(withinLimit(results), "needle_accuracy", (at) => at.depth);
    const options = {
      label: `Share of right choices by the depth of the needle, a line for each preset. ${lead}`,
      ...{ height: 300, dots: true, yDomain: [0, 1] as const, yFormat: "%", logX: false },
      xLabel: "depth, 0 the beginning, 1 the question →",
      yLabel: "↑ right choices",
      rules: [{ y: GUESSING, label: "guessing" }],
    };
    return {
      figures: [
        ...linePanels(series, options, document),
        ...presetsOf(results).flatMap((preset) => heatmap(results, preset, document)),
      ],
      caption: `Which of two tokens followed the asked one in the context? Lines: contexts of ${limitOf(results)} tokens. Maps: depth by length of the context in tokens, past L_max under the first policy; guessing, one half, is the page's own colour. ${bands(series)}`,
    };
  },
};

/** The longest length inside L_max that was measured, or the shortest of all. */
function limitOf(results: readonly DemoResult[]): number {
  const context = contextOf(results) ?? Number.POSITIVE_INFINITY;
  const all = results.flatMap(({ measurements }) =>
    measurements.filter(({ metric }) => metric === "needle_accuracy").map(({ at }) => at.length ?? 0),
  );
  const inside = all.filter((length) => length <= context);
  return inside.length > 0 ? Math.max(...inside) : Math.min(...all);
}

/**
 * The results with that length alone; up to L_max all policies are one, and the first is kept,
 * without its name.
 */
function withinLimit(results: readonly DemoResult[]): DemoResult[] {
  const length = limitOf(results);
  return results.map((result) => {
    const policy = policyOf([result]);
    const kept = result.measurements.filter(({ at }) => at.length === length && at.beyond === policy);
    const unnamed = kept.map(({ at: { beyond: _, ...at }, ...row }) => ({ ...row, at }));
    return { ...result, measurements: unnamed };
  });
}

const policyOf = (results: readonly DemoResult[]) =>
  results.flatMap(({ measurements }) => measurements).find(({ metric }) => metric === "needle_accuracy")?.at
    .beyond;

interface Cell {
  readonly length: number;
  readonly depth: string;
  readonly value: number;
}

function heatmap(results: readonly DemoResult[], preset: string, document: Document): ReportFigure[] {
  const own = results.filter((result) => result.preset === preset);
  const beyond = policyOf(own);
  const places = own.flatMap(({ measurements }) =>
    measurements.filter(({ metric }) => metric === "needle_accuracy").map(({ at }) => at),
  );
  const lengths = [...new Set(places.map(({ length = 0 }) => length))].sort((a, b) => a - b);
  const depths = [...new Set(places.map(({ depth = 0 }) => depth))].sort((a, b) => a - b);
  const cells = lengths.flatMap((length) =>
    depths.flatMap((depth): Cell[] => {
      const found = estimate(own, preset, "needle_accuracy", (at) => {
        return at.length === length && at.depth === depth && at.beyond === beyond;
      });
      return found ? [{ length, depth: depth.toFixed(2), value: found.value }] : [];
    }),
  );
  if (cells.length === 0) return [];
  const label = `Share of right choices of ${name(preset)} by depth and length.`;
  const chart = cellsChart(cells, label);
  return [{ ...both(() => chart, document), title: preset, small: true }];
}

function cellsChart(cells: readonly Cell[], label: string): Chart {
  const rows = new Set(cells.map(({ depth }) => depth)).size;
  const strength = ({ value }: Cell) => Math.min(1, Math.abs(value - GUESSING) / GUESSING);
  return {
    label,
    options: {
      ...{
        width: SMALL,
        height: 34 * rows + 66,
        marginTop: 22,
        marginBottom: 40,
        marginLeft: 52,
        marginRight: 8,
      },
      style: CHART_STYLE,
      x: { type: "band", label: "tokens of context →", labelAnchor: "center", padding: 0, tickSize: 0 },
      y: { type: "band", label: "↓ depth", labelAnchor: "top", labelOffset: 52, padding: 0, tickSize: 0 },
      opacity: { type: "identity" },
      marks: [
        ...(["positive", "negative"] as const).map((pole) =>
          Plot.cell(
            cells.filter(({ value }) => value < GUESSING === (pole === "negative")),
            {
              x: "length",
              y: "depth",
              fill: poleColor(pole),
              fillOpacity: (cell: Cell) => 0.75 * strength(cell),
            },
          ),
        ),
        Plot.text(cells, {
          x: "length",
          y: "depth",
          text: ({ value }: Cell) => percent(value),
          fill: "currentColor",
        }),
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.35 }),
      ],
    },
  };
}

/** At the beginning, in the middle and right before the question, in contexts up to L_max. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const length = limitOf(results);
  const all = withinLimit(results);
  const clauses = curves(all, "needle_accuracy", (at) => at.depth).flatMap(({ preset, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    const middle = points[Math.floor(points.length / 2)];
    if (first === undefined || middle === undefined || last === undefined) return [];
    return [`${name(preset)} ${listed([first, middle, last].map(({ y }) => percent(y)))}`];
  });
  if (clauses.length === 0) return undefined;
  return `In ${length} tokens the right choice is made at the beginning, in the middle and right before the question by ${clauses.join("; by ")} of the time; guessing gets ${percent(GUESSING)}.`;
}
