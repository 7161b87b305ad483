/**
 * What it costs to reorder blocks of tokens, by their length: how near together tokens must stay
 * for a model to use their order.
 */
import { withoutControls } from "./controls.ts";
import { bands, type Figure, type ReportFigure } from "./figure.ts";
import { fixed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { materialsOf } from "./materials.ts";
import { curves, type DemoResult, estimate, presetsOf } from "./results.ts";
import { extremes } from "./words.ts";

/** One line for each preset; x is the length of the blocks that stay whole. A picture of each material. */
export const orderRange: Figure = {
  id: "order-range",
  heading: "How near must words stay for it to use their order?",
  metrics: ["block_shuffle_delta_nll", "effective_order_range", "confounded_shuffle_delta_nll"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const drawn = materialsOf(results).map(({ title, results }) => picture(title, results, document));
    return {
      figures: drawn.flatMap(({ figures }) => figures),
      caption: `Blocks of so many tokens are put in another order; the last token stays. Blocks of one lose all order. ${drawn[0]?.note ?? ""}`,
    };
  },
};

function picture(
  title: string,
  results: readonly DemoResult[],
  document: Document,
): { figures: ReportFigure[]; note: string } {
  const all = curves(results, "block_shuffle_delta_nll", (at) => at.block as number | undefined);
  const { series, note } = withoutControls(results, all);
  const costs = series.flatMap(({ points }) => points.flatMap(({ y, low = y, high = y }) => [low, y, high]));
  const blocks = series.flatMap(({ points }) => points.map(({ x }) => x));
  const options = {
    label: `${title}: rise in loss by the length of the blocks that a shuffle keeps whole, a line for each preset.`,
    xLabel: "tokens of a block that stays whole →",
    yLabel: "↑ rise in loss, nats",
    yDomain: [Math.min(0, ...costs), Math.max(0.1, ...costs) * 1.05] as const,
    ...{ height: 320, dots: true, logX: true, xTicks: [...new Set(blocks)].sort((a, b) => a - b) },
  };
  const figures = linePanels(series, options, document).map((one) => ({ ...one, title }));
  return { figures, note: `${note} ${bands(series)}` };
}

/**
 * How long the blocks must be, and what the confounded shuffle would have added, for the first
 * material that there is.
 */
function sentence(results: readonly DemoResult[]): string | undefined {
  const [first] = materialsOf(results);
  if (first === undefined) return undefined;
  const over = (metric: string, write: (value: number) => string) => {
    const found = presetsOf(first.results).flatMap((preset) => {
      const one = estimate(first.results, preset, metric);
      return one ? [{ label: preset, value: one.value }] : [];
    });
    return extremes(found, write);
  };
  const nats = (value: number) => `${fixed(value)} nats`;
  const range = over("effective_order_range", (value) => `${fixed(value, 1)} tokens`);
  const single = over("confounded_shuffle_delta_nll", nats);
  const gap = over("confounded_gap", nats);
  const parts = [
    range &&
      `${first.title}, the length of the blocks that must stay whole for half of the cost of a shuffle to come back ${range}.`,
    single &&
      gap &&
      `Where single tokens are shuffled and the last one with them, the rise in loss ${single}; the part that a shuffle of the others alone does not cost ${gap}.`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(" ") : undefined;
}
