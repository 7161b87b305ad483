/**
 * What position vectors know: distance or place, inside L_max and past it, and whether a shift is a
 * linear map of them.
 */
import type { MeasurementSite } from "../probes/probe.ts";
import { brokenName } from "./charts/lines.ts";
import { type GridCell, numberGrid } from "./charts/number-grid.ts";
import { chartSvg } from "./charts/plot.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { fixed, listed, percent } from "./format.ts";
import { type DemoResult, estimate, presetsOf } from "./results.ts";
import { name } from "./words.ts";

const SMALL = 300;
const WIDEST = 80;
const MOST_HEADS = 32;

export const positionGeometry: Figure = {
  id: "position-geometry",
  heading: "Do position vectors know distances or places?",
  metrics: ["gram_toeplitz_off_diagonal"],
  optional: true,
  sentence,
  draw(results, document) {
    if (sentence(results) === undefined) return undefined;
    return {
      figures: [
        both((width) => tablesGrid(results, width), document),
        ...presetsOf(results).flatMap((preset) => headsGrid(results, preset, document)),
      ],
      caption:
        "R²: the share of the variance of p_i·p_j, i ≠ j, that i − j explains. monotone: whether nearer positions are more alike (Spearman's ρ over all distances). dim: effective dimensions. map: what the best linear map leaves unexplained when it moves vectors by one position, on vectors that it was not fitted to; 1 is no better than the mean vector. R_Δ: the error of the encoding's own shift by one position. Of heads: R² and asymmetry of P·W_Q·W_Kᵀ·Pᵀ (0: left and right alike, 1.41: nothing in common). –: all vectors are the same, or not asked.",
    };
  },
};

interface Region {
  readonly row: string;
  readonly preset: string;
  readonly where: (at: MeasurementSite) => boolean;
}

/** Inside L_max, past it under each policy, and random rows. */
function regionsOf(results: readonly DemoResult[], preset: string): Region[] {
  const own = results.filter((result) => result.preset === preset);
  const sites = own
    .flatMap(({ measurements }) => measurements)
    .filter(({ metric }) => metric === "gram_toeplitz_off_diagonal")
    .map(({ at }) => at);
  const keys = [
    ...new Set(sites.map(({ from, beyond, table }) => JSON.stringify([from, beyond ?? null, table]))),
  ];
  return keys.map((key) => {
    const [from, beyond, table] = JSON.parse(key) as [number, string | null, string];
    const past = beyond === null ? "" : beyond === "contiguous" ? " (past L_max)" : ` (${beyond})`;
    const random = table !== "encoding";
    const row = random ? `${table.replace(", ", " (")})` : `${preset}${past}`;
    return {
      ...{ row, preset },
      where: (at) =>
        at.from === from &&
        (at.beyond ?? null) === beyond &&
        (at.table === table || (at.table === undefined && !random)),
    };
  });
}

function tablesGrid(results: readonly DemoResult[], width: number) {
  const all = presetsOf(results).flatMap((preset) => regionsOf(results, preset));
  const last = new Map(all.map((region) => [region.row, region])); // presets of one size share random vectors
  const regions = all.filter((region) => last.get(region.row) === region);
  const cells = regions.flatMap(({ row, preset, where }) => {
    const value = (metric: string, more: (at: MeasurementSite) => boolean = () => true) =>
      estimate(results, preset, metric, (at) => where(at) && more(at))?.value;
    const within = Math.max(
      ...results.flatMap(({ measurements }) =>
        measurements.map(({ at }) => (at.within as number | undefined) ?? 0),
      ),
    );
    const one = ({ offset }: MeasurementSite) => offset === 1;
    const cell = (
      column: string,
      found: number | undefined,
      text: (value: number) => string,
      coloured = true,
    ): GridCell => {
      const label = width < 500 ? brokenName(row) : row;
      return {
        row: label,
        column,
        text: found === undefined ? "–" : text(found),
        strength: coloured ? found : undefined,
      };
    };
    return [
      cell("R²", value("gram_toeplitz_off_diagonal"), fixed),
      cell(
        "mono-\ntone",
        value("gram_monotonicity", (at) => at.within === within),
        fixed,
      ),
      cell("dim", value("gram_dimensions"), (dimensions) => fixed(dimensions, 1), false),
      cell("map", value("linear_shift_error", one), fixed, false),
      cell("R_Δ", value("shift_identity_error", one), (error) => error.toExponential(0), false),
    ];
  });
  return numberGrid(cells, {
    label: "Measures of position vectors, a row for each table.",
    rowLabel: "vectors",
    width,
  });
}

function headsGrid(results: readonly DemoResult[], preset: string, document: Document): ReportFigure[] {
  const sites = results
    .filter((result) => result.preset === preset)
    .flatMap(({ measurements }) => measurements)
    .filter(({ metric }) => metric === "head_toeplitz_r2")
    .map(({ at }) => at);
  const heads = [...new Set(sites.map(({ layer, head }) => `${layer}.${head}`))];
  if (heads.length === 0) return [];
  const byHead = heads.length <= MOST_HEADS;
  const rowOf = ({ layer, head }: MeasurementSite) => (byHead ? `${layer}.${head}` : `${layer}`);
  const cells = [...new Set(sites.map(rowOf))].flatMap((row): GridCell[] => {
    const value = (metric: string) => estimate(results, preset, metric, (at) => rowOf(at) === row)?.value;
    const [r2, asymmetry] = [value("head_toeplitz_r2"), value("head_asymmetry")];
    const text = (found: number | undefined) => (found === undefined ? "–" : fixed(found));
    return [
      { row, column: "R²", text: text(r2), strength: r2 },
      { row, column: "asymmetry", text: text(asymmetry) },
    ];
  });
  const label = `Toeplitz R² and asymmetry of the scores between positions of ${name(preset)}, by ${byHead ? "head" : "block"}.`;
  const rowLabel = byHead ? "head" : "block";
  const svg = chartSvg(numberGrid(cells, { label, rowLabel, width: SMALL, widest: WIDEST }), document);
  return [{ title: `${name(preset)}: positions in ${byHead ? "heads" : "blocks"}`, small: true, svg }];
}

function sentence(results: readonly DemoResult[]): string | undefined {
  const found = presetsOf(results).flatMap((preset) => {
    const inside = (metric: string, table: "encoding" | "random" | undefined, offset?: number) =>
      estimate(
        results,
        preset,
        metric,
        (at) =>
          at.from === 0 && at.offset === offset && (at.table as string | undefined)?.split(",")[0] === table,
      )?.value;
    const r2 = inside("gram_toeplitz_off_diagonal", "encoding");
    const random = inside("gram_toeplitz_off_diagonal", "random");
    return r2 === undefined ? [] : [{ preset, r2, random, map: inside("linear_shift_error", undefined, 1) }];
  });
  if (found.length === 0) return undefined;
  const shares = found.map(({ preset, r2 }) => `${percent(r2)} in ${name(preset)}`);
  const chance = [...new Set(found.flatMap(({ random }) => (random === undefined ? [] : [percent(random)])))];
  const beside = chance.length === 0 ? "" : `, and ${listed(chance)} of random vectors of the same size`;
  const maps = found.flatMap(({ preset, map }) =>
    map === undefined ? [] : [`${percent(map)} in ${name(preset)}`],
  );
  const linear =
    maps.length === 0
      ? ""
      : ` One linear map that moves all vectors by a position leaves ${listed(maps)} of their variance unexplained.`;
  return `Of the variance of p_i·p_j between different positions, distance explains ${listed(shares)}${beside}.${linear}`;
}
