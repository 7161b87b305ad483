/** How far off a readout of a token's position from its state is, layer by layer. */
import { bands, type Figure } from "./figure.ts";
import { fixed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { type Curve, curves, type DemoResult, estimate, presetsOf } from "./results.ts";
import { extremes } from "./words.ts";

/** One line for each preset; the rules are the best constant and a random guess. */
export const readout: Figure = {
  id: "readout",
  heading: "Can a token's position be read off its state?",
  metrics: ["readout_mad", "readout_mad_constant"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const series = byLayer(results);
    const options = {
      label: `Error of a linear readout of positions by layer, a line for each preset. ${lead}`,
      xLabel: "layer →",
      yLabel: "↑ error of the readout, tokens",
      rules: nullsOf(results),
      ...{ height: 320, dots: true },
    };
    return {
      figures: linePanels(series, { ...options, xTicks: layersOf(series) }, document),
      caption: `Mean absolute error on sequences that the readout was not fitted on; layer 0 is the embedding. ${pastSentence(results)} ${bands(series)}`,
    };
  },
};

const byLayer = (results: readonly DemoResult[]) => curves(results, "readout_mad", (at) => at.layer);

const layersOf = (series: readonly Curve[]) =>
  [...new Set(series.flatMap((one) => one.points.map((point) => point.x)))].sort((a, b) => a - b);

/** Known without a model; left out where the presets' sequences differ in length. */
function nullsOf(results: readonly DemoResult[]): { y: number; label: string }[] {
  const rules = [
    ["readout_mad_constant", "constant"],
    ["readout_mad_random", "random"],
  ] as const;
  return rules.flatMap(([metric, label]) => {
    const rows = results.flatMap(({ measurements }) => measurements.filter((row) => row.metric === metric));
    const values = [...new Set(rows.map(({ value }) => value))];
    return values.length === 1 && values[0] !== null ? [{ y: values[0] as number, label }] : [];
  });
}

/** The embedding, the layer that reads best, and the last. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const series = byLayer(results);
  const at = (pick: (points: Curve["points"]) => number | undefined) =>
    series.flatMap(({ label, points }) => {
      const value = pick(points);
      return value === undefined ? [] : [{ label, value }];
    });
  const tokens = (value: number) => `${fixed(value)} tokens`;
  const first = extremes(
    at((points) => points[0]?.y),
    tokens,
  );
  const best = extremes(
    at((points) => (points.length > 0 ? Math.min(...points.map(({ y }) => y)) : undefined)),
    tokens,
  );
  const last = extremes(
    at((points) => points.at(-1)?.y),
    tokens,
  );
  if (!first || !best || !last) return undefined;
  return `The error of a linear readout of positions ${first} at the embedding, ${best} at the layer where it is least, and ${last} at the last layer.`;
}

/** What the same readout says past L_max, where it was asked. */
function pastSentence(results: readonly DemoResult[]): string {
  const all = presetsOf(results).flatMap((preset) => {
    const layers = results
      .filter((result) => result.preset === preset)
      .flatMap(({ measurements }) => measurements.filter(({ metric }) => metric === "readout_mad_beyond"))
      .map(({ at }) => at.layer ?? 0);
    if (layers.length === 0) return [];
    const last = Math.max(...layers);
    const found = estimate(results, preset, "readout_mad_beyond", (at) => at.layer === last);
    return found ? [{ label: preset, value: found.value }] : [];
  });
  const text = extremes(all, (value) => `${fixed(value)} tokens`);
  return text ? `At positions from L_max to twice that, its error at the last layer ${text}.` : "";
}
