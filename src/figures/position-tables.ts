/** The table of position vectors that an encoding adds to its tokens, and how alike the vectors are. */
import { chartSvg } from "./charts/plot.ts";
import { type Matrix, positionHeatmap } from "./charts/position-heatmap.ts";
import type { Figure, ReportFigure } from "./figure.ts";
import { fixed, listed, percent } from "./format.ts";
import { cosines, meanAtDistance, randomShiftInvariance, shiftInvariance } from "./geometry.ts";
import { type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** A pair of heat maps for each preset that has a table; of several seeds, the first. */
export const positionTables: Figure = {
  id: "positions",
  heading: "What does a position look like?",
  metrics: [],
  absent: "No preset here has a table of position vectors to draw.",
  sentence,
  draw(results, document) {
    const tables = tablesOf(results);
    if (tables.length === 0) return undefined;
    return {
      figures: tables.flatMap((one) => heatmaps(one, document)),
      caption:
        "If a row of cosines is the row above it moved one step right, they depend on the distance only: a shift changes nothing. Shares leave out the diagonal, which is 1 in every table; “random table” is the mean share of 20 random tables of the same size.",
    };
  },
};

interface Table {
  readonly preset: string;
  readonly table: Matrix;
  /** Cosines of its rows. */
  readonly gram: Matrix;
}

function tablesOf(results: readonly DemoResult[]): Table[] {
  return presetsOf(results).flatMap((preset) => {
    const table = results.find((result) => result.preset === preset)?.positionTable;
    return table && table.values.length > 0 ? [{ preset, table, gram: cosines(table) }] : [];
  });
}

function sentence(results: readonly DemoResult[]): string | undefined {
  const tables = tablesOf(results);
  if (tables.length === 0) return undefined;
  const clauses = tables.map(({ preset, gram }) => {
    const half = Math.floor(gram.rows / 2);
    return `${fixed(meanAtDistance(gram, 1))} for neighbours and ${fixed(meanAtDistance(gram, half))} for positions ${half} apart in ${name(preset)}`;
  });
  const shares = tables.map(
    ({ preset, table, gram }) =>
      `${percent(shiftInvariance(gram))} in ${name(preset)} (random table: ${percent(randomShiftInvariance(table.rows, table.columns))})`,
  );
  return `The mean cosine of two positions is ${clauses.join(", ")}. Of the variance of the cosines between different positions, distance alone explains ${listed(shares)}.`;
}

function heatmaps({ preset, table, gram }: Table, document: Document): ReportFigure[] {
  const size = `${table.rows} positions`;
  const map = positionHeatmap(table, {
    label: `Heat map of the position table of ${name(preset)}: ${size} by ${table.columns} dimensions.`,
    rowLabel: "position",
    columnLabel: "dimension",
  });
  const alike = positionHeatmap(gram, {
    label: `Heat map of the cosines between the position vectors of ${name(preset)}: ${size} by ${size}. ${percent(shiftInvariance(gram))} of their variance is explained by distance.`,
    rowLabel: "position",
    columnLabel: "position",
    limit: 1,
  });
  return [
    { title: `${name(preset)}: the table P`, svg: chartSvg(map, document) },
    { title: `${name(preset)}: cosine of p_i and p_j`, svg: chartSvg(alike, document) },
  ];
}
