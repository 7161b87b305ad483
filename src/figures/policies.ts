/**
 * What each way past L_max costs one checkpoint: a row for each policy, scheme and scaling, a dot
 * for each range of tokens.
 */
import * as Plot from "@observablehq/plot";
import type { MeasurementSite } from "../probes/probe.ts";
import { CHARACTER_WIDTH } from "./charts/lines.ts";
import { CHART_STYLE, type Chart } from "./charts/plot.ts";
import { both, type Figure } from "./figure.ts";
import { fixed } from "./format.ts";
import { encodingColor } from "./palette.ts";
import { type DemoResult, estimate, lookOf, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** The losses of one way, by range, nearest first. */
interface Way {
  readonly label: string;
  readonly ranges: readonly Range[];
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

const ROW_HEIGHT = 30;

/** A picture for each preset. */
export const policies: Figure = {
  id: "policies",
  heading: "Which way past L_max costs least?",
  metrics: ["policy_nll"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const pictures = presetsOf(results).flatMap((preset) => {
      const ways = waysOf(results, preset);
      const { kind } = lookOf(results, preset);
      const label = `Loss of ${name(preset)} by range of tokens under each policy, scheme and scaling. ${lead}`;
      if (ways.length === 0) return [];
      return [{ ...both((width) => waysChart(ways, { kind, label, width }), document), title: preset }];
    });
    const ranges = presetsOf(results).map((preset) =>
      rangesOf(waysOf(results, preset))
        .map(({ from, to }) => `${from} to ${to}`)
        .join(", "),
    );
    return {
      figures: pictures,
      caption: `The same parameters in every row. Tokens of a context: ${[...new Set(ranges)].join("; ")}; the darker the dot, the further they are.`,
    };
  },
};

/**
 * Every way that a preset was read in, in the order of its rows; the first contiguous one is the
 * model as it is.
 */
function waysOf(results: readonly DemoResult[], preset: string): Way[] {
  const own = results.filter((result) => result.preset === preset);
  const places = own.flatMap(({ measurements }) =>
    measurements.filter(({ metric }) => metric === "policy_nll").map(({ at }) => at),
  );
  const plain = places.find(({ scheme }) => scheme === "contiguous") ?? places[0];
  const keys = [...new Set(places.map(keyOf))];
  return keys.flatMap((key) => {
    const here = places.filter((at) => keyOf(at) === key);
    const ends = [...new Set(here.map(({ to }) => to))];
    const ranges = ends.flatMap((to): Range[] => {
      const found = estimate(own, preset, "policy_nll", (at) => keyOf(at) === key && at.to === to);
      const from = here.find((at) => at.to === to)?.from;
      return found && from !== undefined && to !== undefined ? [{ from, to, value: found.value }] : [];
    });
    const [at] = here;
    return at === undefined || plain === undefined ? [] : [{ label: labelOf(at, plain), ranges }];
  });
}

/** The ranges of any of the ways: a table that refuses what it lacks is not read past L_max. */
const rangesOf = (ways: readonly Way[]): readonly Range[] =>
  ways.reduce<readonly Range[]>((most, { ranges }) => (ranges.length > most.length ? ranges : most), []);

const keyOf = ({ policy, scheme, scaling }: MeasurementSite): string => [policy, scheme, scaling].join();

/** What a way changes of the model as it is. */
function labelOf(at: MeasurementSite, plain: MeasurementSite): string {
  if (at.scheme !== plain.scheme) return String(at.scheme);
  if (at.policy !== plain.policy) return String(at.policy);
  if (at.scaling !== plain.scaling) return String(at.scaling);
  return "as it is";
}

interface WaysOptions {
  /** The encoding, which decides the colour. */
  readonly kind: string;
  readonly label: string;
  readonly width: number;
}

function waysChart(ways: readonly Way[], { kind, label, width }: WaysOptions): Chart {
  const longest = Math.max(...ways.map((way) => way.label.length));
  const count = rangesOf(ways).length;
  const dots = ways.flatMap((way) =>
    way.ranges.map(({ value }, i) => ({ way: way.label, value, shade: i / Math.max(1, count - 1) })),
  );
  const values = ways.map(({ label: way, ranges }) => {
    const all = ranges.map(({ value }) => value);
    return { way, low: Math.min(...all), high: Math.max(...all) };
  });
  const fill = encodingColor(kind);
  return {
    label,
    options: {
      ...{ width, height: ways.length * ROW_HEIGHT + 50, marginTop: 8, marginBottom: 42, marginRight: 14 },
      marginLeft: 14 + Math.ceil(longest * CHARACTER_WIDTH),
      style: CHART_STYLE,
      x: {
        label: "loss, nats per token →",
        labelAnchor: "center",
        grid: true,
        ticks: width < 500 ? 4 : 8,
        nice: true,
      },
      y: { label: null, domain: ways.map((way) => way.label), tickSize: 0 },
      opacity: { type: "identity" },
      marks: [
        Plot.ruleY(values, { y: "way", x1: "low", x2: "high", stroke: fill, strokeOpacity: 0.4 }),
        Plot.dot(dots, { x: "value", y: "way", r: 5, stroke: fill, fill, fillOpacity: "shade" }),
      ],
    },
  };
}

/** Of the first range past L_max, the way that costs least and the one that costs most. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const clauses = presetsOf(results).flatMap((preset) => {
    const past = waysOf(results, preset).flatMap(({ label, ranges }) => {
      const range = ranges.find(({ from }) => from > 1);
      return range === undefined ? [] : [{ label, ...range }];
    });
    const sorted = past.sort((a, b) => a.value - b.value);
    const [least, most] = [sorted[0], sorted.at(-1)];
    if (least === undefined || most === undefined) return [];
    const of = `At tokens ${least.from} to ${least.to} of a context the loss of ${name(preset)} is`;
    if (fixed(least.value) === fixed(most.value))
      return [`${of} ${fixed(least.value)} nats whatever is done.`];
    return [
      `${of} least with “${least.label}” (${fixed(least.value)} nats) and most with “${most.label}” (${fixed(most.value)}).`,
    ];
  });
  return clauses.length > 0 ? clauses.join(" ") : undefined;
}
