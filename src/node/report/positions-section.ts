/** The report's section on position tables: the vectors themselves, and how alike they are. */

import { chartSvg } from "../../figures/charts/plot.ts";
import { positionHeatmap } from "../../figures/charts/position-heatmap.ts";
import type { ReportFigure } from "../../figures/figures.ts";
import { fixed, listed, percent } from "../../figures/format.ts";
import { cosines, meanAtDistance, randomShiftInvariance, shiftInvariance } from "../../figures/geometry.ts";
import { type DemoResult, presetsOf } from "../../figures/results.ts";
import { name } from "../../figures/sentences.ts";
import type { ReportSection } from "./page.ts";

/** A pair of heat maps for each preset that has a table; of several seeds, the first. */
export function positionsSection(results: readonly DemoResult[], document: Document): ReportSection {
  const id = { id: "positions", heading: "What does a position look like?" };
  const tables = presetsOf(results).flatMap((preset) => {
    const table = results.find((result) => result.preset === preset)?.positionTable;
    return table && table.values.length > 0 ? [{ preset, table, gram: cosines(table) }] : [];
  });
  if (tables.length === 0) return { ...id, lead: "No preset here has a table of position vectors to draw." };
  const clauses = tables.map(({ preset, gram }) => {
    const half = Math.floor(gram.rows / 2);
    return `${fixed(meanAtDistance(gram, 1))} for neighbours and ${fixed(meanAtDistance(gram, half))} for positions ${half} apart in ${name(preset)}`;
  });
  const shares = tables.map(
    ({ preset, table, gram }) =>
      `${percent(shiftInvariance(gram))} in ${name(preset)} (random table: ${percent(randomShiftInvariance(table.rows, table.columns))})`,
  );
  const lead = `The mean cosine of two positions is ${clauses.join(", ")}. Of the variance of the cosines between different positions, distance alone explains ${listed(shares)}.`;
  return {
    ...id,
    lead,
    figures: tables.flatMap(({ preset, table, gram }): ReportFigure[] => {
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
    }),
    caption:
      "If a row of cosines is the row above it moved one step right, they depend on the distance only: a shift changes nothing. Shares leave out the diagonal, which is 1 in every table; “random table” is the mean share of 20 random tables of the same size.",
  };
}
