/** The main job's table: a row for each preset, for the terminal and the page alike. */
import { count, fixed } from "../../figures/format.ts";
import { bestPastLimits } from "../../figures/past-limit.ts";
import {
  contextOf,
  type DemoResult,
  type Estimate,
  estimate,
  lossCurves,
  presetsOf,
} from "../../figures/results.ts";
import type { ReportTable, TableColumn, TableRow } from "../../figures/table.ts";

type Spread = Omit<Estimate, "cases">;

const COLUMNS: readonly TableColumn[] = [
  { key: "preset", heading: "preset" },
  { key: "encoding", heading: "encoding" },
  { key: "parameters", heading: "parameters", format: count, align: "right" },
  { key: "validation", heading: "validation loss", align: "right" },
  { key: "swap", heading: "swap accuracy", align: "right" },
  { key: "shuffle", heading: "shuffle ΔNLL", align: "right" },
  { key: "divergence", heading: "shuffle JS", align: "right" },
  { key: "inside", heading: "loss to L_max", align: "right" },
  { key: "past", heading: "loss past L_max", align: "right" },
  { key: "headroom", heading: "headroom", align: "right" },
];

/**
 * Columns that no preset has a value for are left out, and so is the encoding where each preset is
 * named after its own.
 */
export function demoTable(results: readonly DemoResult[]): ReportTable {
  const validation = lossCurves(results, "validation");
  const limits = bestPastLimits(results);
  const named = results.every(({ preset, encoding }) => preset === encoding);
  const rows = presetsOf(results).map((preset): TableRow => {
    const first = results.find((result) => result.preset === preset);
    const of = (metric: string) => estimate(results, preset, metric);
    const best = limits.find(({ curve }) => curve.preset === preset);
    const seeds = results.filter((result) => result.preset === preset).length;
    const last = validation.find((one) => one.preset === preset)?.points.at(-1);
    return {
      preset,
      encoding: named ? undefined : first?.encoding,
      parameters: first?.parameters,
      validation: last && written({ value: last.y, seeds, ...last }, fixed),
      swap: written(of("swap_accuracy"), (value) => fixed(value, 3)),
      shuffle: written(of("prefix_shuffle_delta_nll"), fixed),
      divergence: written(of("prefix_shuffle_js"), fixed),
      inside: best && fixed(best.inside),
      past: best && written({ value: best.past, seeds, ...best.interval }, fixed),
      headroom: written(
        estimate(results, preset, "headroom", (at) => best === undefined || at.beyond === best.curve.policy),
        (value) => fixed(value, Number.isInteger(value) ? 0 : 1),
      ),
    };
  });
  const columns = COLUMNS.filter(({ key }) => rows.some((row) => row[key] !== undefined));
  return { columns, rows, caption: tableCaption(results) };
}

/** The value, with the half-width of its interval over seeds where there are several. */
function written(found: Spread | undefined, write: (value: number) => string): string | undefined {
  if (found === undefined) return undefined;
  const { value, low, high, seeds } = found;
  if (seeds < 2 || low === undefined || high === undefined) return write(value);
  return `${write(value)}±${write(Math.max(value - low, high - value))}`;
}

function tableCaption(results: readonly DemoResult[]): string {
  const context = contextOf(results);
  const seeds = Math.max(
    0,
    ...presetsOf(results).map((name) => results.filter(({ preset }) => preset === name).length),
  );
  return [
    seeds > 1
      ? `Means over ${seeds} seeds, ± the half-width of the 95% interval.`
      : "One seed: differences between presets may be chance.",
    "Losses in nats, JS in bits, headroom in tokens.",
    context !== undefined &&
      `L_max is ${context}; the loss past it is the mean up to ${2 * context}; it and the headroom are under the policy that does best there.`,
  ]
    .filter(Boolean)
    .join(" ");
}
