/**
 * A forest plot: means over seeds, or paired differences of them, a row each, with their interval,
 * every seed as a dot, the band within which a difference does not matter, and brackets around rows
 * that nothing tells apart.
 */
import * as Plot from "@observablehq/plot";
import { encodingColor, RULE_DASH } from "../palette.ts";
import { BRACKET, brackets, lanesOf } from "./brackets.ts";
import { dotRows } from "./dot-rows.ts";
import { CHARACTER_WIDTH } from "./lines.ts";
import type { Chart } from "./plot.ts";

export interface ForestRow {
  readonly label: string;
  /** The encoding, which decides the colour. */
  readonly kind: string;
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** The value, or the difference, of each seed. */
  readonly seeds: readonly number[];
  /** How it ended, in a word: stands at the right of a wide chart. */
  readonly outcome?: string | undefined;
  /** Whether a difference was shown: a mean that was not is hollow. Left out, as if it was. */
  readonly shown?: boolean | undefined;
}

export interface ForestOptions {
  readonly label: string;
  readonly xLabel: string;
  readonly width?: number;
  /** Half the width of the band of equivalence. */
  readonly margin?: number | undefined;
  /** Whether zero is a place to compare with: of differences it is. */
  readonly zero: boolean;
  /** A value to compare with, such as the floor: dotted, with its name above. */
  readonly rule?: { readonly x: number; readonly label: string } | undefined;
  /** Labels of neighbouring rows that nothing tells apart. */
  readonly ties?: readonly (readonly string[])[];
  /** Where no value can lie beyond, such as 0 and 1 of a share. */
  readonly bounds?: readonly [number, number] | undefined;
}

/** One row for each, in the order given. */
export function forest(rows: readonly ForestRow[], options: ForestOptions): Chart {
  const { label, xLabel, width = 720, margin, zero, rule, ties = [] } = options;
  const color = { stroke: "currentColor" } as const;
  const words = width < 500 ? 0 : Math.max(0, ...rows.map(({ outcome = "" }) => outcome.length));
  const labels = rows.map((row) => row.label);
  const lanes = lanesOf(ties, labels);
  const marginRight = 28 + BRACKET * lanes.length + (words > 0 ? words * (CHARACTER_WIDTH - 1) : 0);
  return {
    label,
    options: dotRows(
      labels,
      { width, xLabel, domain: domainOf(rows, options), nice: true, ticks: 6, marginRight },
      [
        ...(margin === undefined || !zero
          ? []
          : [Plot.rectX([margin], { x1: -margin, x2: margin, fill: "currentColor", fillOpacity: 0.08 })]),
        ...(zero ? [Plot.ruleX([0], { ...color, strokeDasharray: "3 3" })] : []),
        ...(rule === undefined ? [] : ruleMarks(rule)),
        ...rows.flatMap(rowMarks),
        ...(words > 0 ? [outcomes(rows)] : []),
        brackets(lanes),
      ],
    ),
  };
}

/** From the least to the most of all that is drawn, and never of no width. */
function domainOf(
  rows: readonly ForestRow[],
  { margin, zero, bounds, rule }: ForestOptions,
): [number, number] {
  const ends = rows.flatMap(({ mean, low = mean, high = mean, seeds }) => [low, high, ...seeds]);
  if (rule !== undefined) ends.push(rule.x);
  if (zero) ends.push(0, ...(margin === undefined ? [] : [-margin, margin]));
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const pad = most > least ? 0 : Math.abs(most) / 20 || 0.05;
  const [low, high] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const within = (value: number) => Math.min(high, Math.max(low, value));
  // A share's interval may leave [0, 1]: Student's t knows no bounds, and the axis shows what it says.
  return [Math.min(least, within(least - pad)), Math.max(most, within(most + pad))];
}

const ruleMarks = ({ x, label }: NonNullable<ForestOptions["rule"]>) => [
  Plot.ruleX([x], { stroke: "currentColor", strokeDasharray: RULE_DASH }),
  Plot.text([label], { x: () => x, frameAnchor: "top", dy: -10, fill: "currentColor" }),
];

const outcomes = (rows: readonly ForestRow[]) =>
  Plot.text(rows, {
    ...{ y: "label", frameAnchor: "right", textAnchor: "start", dx: 10, dy: -4 },
    ...{ text: ({ outcome }: ForestRow) => outcome ?? "", fill: "currentColor" },
  });

function rowMarks(row: ForestRow): Plot.Markish[] {
  const { label, kind, mean, low, high, seeds, shown = true } = row;
  const color = encodingColor(kind);
  const one = [{ label, mean, low, high }];
  return [
    Plot.dot(seeds, { x: (value) => value, y: () => label, dy: 9, r: 2.5, fill: color, fillOpacity: 0.6 }),
    ...(low === undefined || high === undefined
      ? []
      : [Plot.ruleY(one, { x1: "low", x2: "high", y: "label", stroke: color, strokeWidth: 2, dy: -4 })]),
    Plot.dot(one, {
      ...{ x: "mean", y: "label", dy: -4, r: shown ? 5 : 4.5, stroke: color, strokeWidth: 2 },
      fill: shown ? color : "var(--paper, #ffffff)",
    }),
  ];
}
