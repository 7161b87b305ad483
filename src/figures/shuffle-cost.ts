/**
 * What it costs a model that the words before the last one are reordered, by how much of their
 * order is lost.
 */
import { withoutControls } from "./controls.ts";
import { bands, type Figure } from "./figure.ts";
import { fixed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { curves, type DemoResult, estimate, presetsOf } from "./results.ts";
import { extremes } from "./words.ts";

/**
 * One line for each preset; x is the share of token pairs that trade order, y the rise in the true
 * answer's loss.
 */
export const shuffleCost: Figure = {
  id: "shuffle",
  heading: "How much does order matter to it?",
  metrics: ["prefix_shuffle_delta_nll"],
  inShort: true,
  sentence,
  draw(results, document) {
    const all = curves(results, "prefix_shuffle_delta_nll", (at) => at.inverted);
    const { series, note } = withoutControls(results, all);
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    if (series.length === 0) return {};
    const options = {
      label: `Rise in loss by the share of token pairs whose order is inverted, a line for each preset. ${lead}`,
      xLabel: "share of pairs inverted →",
      yLabel: "↑ rise in loss of the true answer, nats",
      ...{ height: 320, dots: true },
    };
    return {
      figures: linePanels(series, options, document),
      caption: `The last word stays where it is; those before it are put in another order. ${note} ${bands(series)}`,
    };
  },
};

/** What the order of the words before the question is worth. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const all = presetsOf(results).flatMap((preset) => {
    const found = estimate(results, preset, "prefix_shuffle_delta_nll");
    return found ? [{ label: preset, value: found.value }] : [];
  });
  const text = extremes(all, (value) => `${fixed(value)} nats`);
  return (
    text && `With the words before the last one reordered, the rise in the loss of the true answer ${text}.`
  );
}
