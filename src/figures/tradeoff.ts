/**
 * Order against extrapolation, on the same checkpoints: does a model that uses the order of words
 * less carry further past L_max?
 */
import type { MeasurementSite } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import { type NamedDot, namedDots } from "./charts/named-dots.ts";
import { both, type Figure } from "./figure.ts";
import { fixed } from "./format.ts";
import { type DemoResult, estimate, lookOf, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** A dot for each condition that was asked both. */
export const tradeoff: Figure = {
  id: "order-against-length",
  heading: "Does knowing order cost length?",
  metrics: ["prefix_shuffle_delta_nll", "nll"],
  optional: true,
  inShort: true,
  sentence,
  draw(results, document) {
    const points = pointsOf(results);
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const options = {
      label: `Loss past L_max against what reordering costs, a dot for each condition. ${lead}`,
      xLabel: "rise in loss where words are reordered, nats →",
      yLabel: "↑ rise in loss past L_max, nats",
    };
    return {
      figures: [both((width) => namedDots(points, { ...options, width }), document)],
      caption: `Both are of the same checkpoints: rise in the loss of the answer where the words before the last one are reordered, and the mean loss from the furthest octave of positions past L_max less that inside it, under the policy that does best there.${points.some(({ seeds = [] }) => seeds.length > 1) ? " Small dots: seeds." : ""}`,
    };
  },
};

const isHeldOut = ({ split }: MeasurementSite) => split !== "train";

/** The rise of a run's loss over the furthest octave of positions; of several policies, the least. */
function riseOf({ measurements, config }: DemoResult): number | undefined {
  const { context } = (config as { model?: { context?: number } }).model ?? {};
  const rows = measurements.filter(({ metric, at }) => metric === "nll" && isHeldOut(at));
  const furthest = Math.max(...rows.map(({ at }) => (at.position ?? -1) + 1));
  if (context === undefined || furthest < 2 * context) return undefined;
  const rises = [...new Set(rows.map(({ at }) => at.beyond))].flatMap((policy) => {
    const own = rows.filter(({ at }) => at.beyond === policy);
    const over = (low: number, high: number) =>
      mean(
        own.flatMap(({ value, at }) => {
          const read = (at.position ?? -1) + 1;
          return value !== null && Number.isFinite(value) && read > low && read <= high ? [value] : [];
        }),
      );
    const rise = over(furthest / 2, furthest) - over(0, context);
    return Number.isFinite(rise) ? [rise] : [];
  });
  return rises.length === 0 ? undefined : Math.min(...rises);
}

function pointsOf(results: readonly DemoResult[]): NamedDot[] {
  return presetsOf(results).flatMap((preset) => {
    const seeds = results
      .filter((result) => result.preset === preset)
      .flatMap((result) => {
        const [cost, rise] = [estimate([result], preset, "prefix_shuffle_delta_nll"), riseOf(result)];
        return cost === undefined || rise === undefined ? [] : [{ x: cost.value, y: rise }];
      });
    if (seeds.length === 0) return [];
    const [x, y] = [mean(seeds.map((seed) => seed.x)), mean(seeds.map((seed) => seed.y))];
    return [{ label: preset, kind: lookOf(results, preset).kind, x, y, seeds }];
  });
}

/** How the two orders agree, and who leads either. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const points = pointsOf(results);
  const [ordered, flat] = [
    points.reduce<NamedDot | undefined>((best, one) => (best && best.x >= one.x ? best : one), undefined),
    points.reduce<NamedDot | undefined>((best, one) => (best && best.y <= one.y ? best : one), undefined),
  ];
  if (points.length < 2 || ordered === undefined || flat === undefined) return undefined;
  const leads =
    ordered === flat
      ? `${name(ordered.label)} loses most where words are reordered (${fixed(ordered.x)} nats) and rises least past L_max (${fixed(ordered.y)}).`
      : `${name(ordered.label)} loses most where words are reordered (${fixed(ordered.x)} nats), and its loss rises by ${fixed(ordered.y)} nats past L_max; ${name(flat.label)} rises least (${fixed(flat.y)}) and loses ${fixed(flat.x)} where words are reordered.`;
  return `${leads} ${agreementText(points)}`;
}

/** Kendall's τ over pairs of conditions: of their means, so that it says nothing of other conditions. */
function agreementText(points: readonly NamedDot[]): string {
  const pairs = points.flatMap((a, i) =>
    points.slice(i + 1).map((b) => Math.sign((a.x - b.x) * (a.y - b.y))),
  );
  const together = pairs.filter((sign) => sign > 0).length;
  return `In ${together} of ${pairs.length} pairs of conditions, the one that needs order more rises more past L_max too.`;
}
