/**
 * Which activation brings the right answer back when it alone is taken from the story: by block and
 * token, and by block and head.
 */
import type { Measurement } from "../probes/probe.ts";
import { chartSvg } from "./charts/plot.ts";
import { type Matrix, positionHeatmap } from "./charts/position-heatmap.ts";
import type { Figure, ReportFigure } from "./figure.ts";
import { fixed, percent } from "./format.ts";
import { type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** Two heat maps for each preset; of several seeds, the first. */
export const patching: Figure = {
  id: "patching",
  heading: "Which activation carries the order?",
  metrics: ["patch_recovery", "patch_effect"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    return {
      figures: patchedOf(results).flatMap((one) => heatmaps(one, document)),
      caption:
        "The swap of a story is read with one activation replaced by the story's. Full colour: all of the preference for the right answer comes back; none: nothing does; the other hue: it falls further. The residual stream is replaced at one token, the output of a head at all of them. Blocks, tokens and heads are counted from 0.",
    };
  },
};

interface Patched {
  readonly preset: string;
  readonly rows: readonly (Measurement & { readonly value: number })[];
  /** All that there is to recover, in nats. */
  readonly effect: number;
}

/** Presets that have something to recover. */
function patchedOf(results: readonly DemoResult[]): Patched[] {
  return presetsOf(results).flatMap((preset) => {
    const { measurements = [] } = results.find((result) => result.preset === preset) ?? {};
    const rows = measurements.filter(
      (row): row is Patched["rows"][number] => row.metric === "patch_recovery" && Number.isFinite(row.value),
    );
    const effect = measurements.find(({ metric }) => metric === "patch_effect")?.value ?? undefined;
    return rows.length > 0 && effect !== undefined ? [{ preset, rows, effect }] : [];
  });
}

/** The head that brings most back, of each preset. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const clauses = patchedOf(results).flatMap(({ preset, rows, effect }) => {
    const heads = rows.filter(({ at }) => at.site === "z").sort((a, b) => b.value - a.value);
    const [best] = heads;
    return best === undefined
      ? []
      : [
          `${percent(best.value)} of ${fixed(effect)} nats in ${name(preset)} (head ${best.at.head} of block ${best.at.layer})`,
        ];
  });
  if (clauses.length === 0) return undefined;
  return `Taken alone from the story, the head that brings most of the right answer's advantage back into the swap recovers ${clauses.join("; ")}.`;
}

function heatmaps({ preset, rows }: Patched, document: Document): ReportFigure[] {
  const map = (site: string, place: "token" | "head") => {
    const matrix = matrixOf(
      rows.filter(({ at }) => at.site === site),
      place,
    );
    const chart = positionHeatmap(matrix, {
      label: `Heat map of the recovery in ${name(preset)} by block and ${place}: ${matrix.rows} by ${matrix.columns}.`,
      rowLabel: "block",
      columnLabel: place,
      ...{ limit: 1, size: place === "head" ? 160 : 256 },
    });
    return chartSvg(chart, document);
  };
  return [
    { title: `${name(preset)}: residual stream before a block`, svg: map("resid_pre", "token"), small: true },
    { title: `${name(preset)}: heads`, svg: map("z", "head"), small: true },
  ];
}

/** By block and token or head. */
function matrixOf(rows: Patched["rows"], place: "token" | "head"): Matrix {
  const most = (of: (row: Measurement) => number) => Math.max(...rows.map(of)) + 1;
  const [layers, columns] = [most(({ at }) => at.layer ?? 0), most(({ at }) => Number(at[place]))];
  const values = new Float32Array(layers * columns).fill(Number.NaN);
  for (const { value, at } of rows) values[(at.layer ?? 0) * columns + Number(at[place])] = value;
  return { rows: layers, columns, values };
}
