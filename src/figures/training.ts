/** Validation loss by training step. */
import { bands, type Figure } from "./figure.ts";
import { fixed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { floorLoss, isDetermined } from "./references.ts";
import { type Curve, contextOf, type DemoResult, lossCurves } from "./results.ts";
import { extremes } from "./words.ts";

/**
 * One line for each preset, and a thin one for each of several seeds; y is the mean negative
 * log-likelihood in nats. From the logs, so it needs no probe.
 */
export const training: Figure = {
  id: "training",
  heading: "How did they learn?",
  metrics: [],
  absent: "The logs hold no validation loss, so there is no curve to draw.",
  sentence,
  draw(results, document) {
    const series = validation(results);
    const floor = floorOf(results);
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const options = {
      label: `Validation loss by training step, a line for each preset. ${lead}`,
      xLabel: "training step →",
      yLabel: "↑ validation loss, nats per token",
      rules: floor === undefined ? [] : [{ y: floor, label: "floor" }],
      height: 320,
    };
    return {
      figures: linePanels(series, options, document),
      caption: [
        "Weights that two models share start alike, and all models see the same batches in the same order.",
        series.some(({ strands }) => strands) ? "Thin: each seed; thick: their mean." : bands(series),
      ].join(" "),
    };
  },
};

/** Seeds that are drawn each need no band. */
const validation = (results: readonly DemoResult[]): Curve[] =>
  lossCurves(results, "validation")
    .filter(({ points }) => points.length > 0)
    .map((one) => (one.strands ? { ...one, points: one.points.map(({ x, y }) => ({ x, y })) } : one));

const floorOf = (results: readonly DemoResult[]) => floorLoss(results, contextOf(results));

/** Where training ended, and where it could end at best. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const ends = validation(results).flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [{ label, value: last.y }] : [];
  });
  const floor = floorOf(results);
  const text = extremes(ends, (value) => `${fixed(value)} nats`);
  const why = isDetermined(results) ? "Each answer follows from its problem: a" : "A";
  const best = floor === undefined ? "" : ` ${why} perfect model would have ${fixed(floor)}, the floor.`;
  return text && `At the end of training the validation loss ${text}.${best}`;
}
