/**
 * How often a model prefers the right answer when two words trade places: a dot for each preset,
 * guessing at one half. Dots need no zero: the axis starts at 40% where nothing lies below.
 */
import * as Plot from "@observablehq/plot";
import { dotRows } from "./charts/dot-rows.ts";
import type { Chart } from "./charts/plot.ts";
import { both, type Figure } from "./figure.ts";
import { listed, percent } from "./format.ts";
import { encodingColor } from "./palette.ts";
import { knowsByMask, orderBlindOf } from "./references.ts";
import { type DemoResult, estimate, lookOf, presetsOf } from "./results.ts";
import { name, plural } from "./words.ts";

export interface AccuracyRow {
  /** The preset, at the left of its dots. */
  readonly label: string;
  /** The encoding, which decides the colour. */
  readonly kind: string;
  /** A fraction in [0, 1]. */
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** "train" is drawn hollow. */
  readonly split: string;
  /** Known by a theorem, not estimated: a diamond without an interval. */
  readonly exact?: boolean;
}

const GUESSING = 0.5;

/** Dots with intervals; held-out stories, and those of the training set, hollow. */
export const order: Figure = {
  id: "order",
  heading: "Does it know who bit whom?",
  metrics: ["swap_accuracy"],
  inShort: true,
  sentence,
  draw(results, document) {
    const rows = rowsOf(results);
    if (rows.length === 0) return undefined;
    const said = sentence(results);
    const label = `Share of swapped stories with the right answer preferred, a dot for each preset. ${said ?? ""}`;
    const several = results.length > presetsOf(results).length;
    const hollow = rows.some(({ split }) => split === "train") ? "; hollow: stories of the training set" : "";
    const diamonds = rows.some(({ exact }) => exact)
      ? " Diamonds: controls, exactly one half by a theorem, so without an interval."
      : "";
    return {
      lead: [said, maskSentence(results)].filter(Boolean).join(" "),
      figures: [both((width) => swapAccuracy(rows, { label, width }), document)],
      caption: `Filled: held-out stories${hollow}. Lines: 95% interval over ${several ? "seeds" : "the stories of one run"}.${diamonds}`,
    };
  },
};

function rowsOf(results: readonly DemoResult[]): AccuracyRow[] {
  const blind = orderBlindOf(results);
  return presetsOf(results).flatMap((preset) =>
    ["train", "heldout"].flatMap((split): AccuracyRow[] => {
      const found = estimate(
        results,
        preset,
        "swap_accuracy",
        (at) => (split === "train") === (at.split === "train"),
      );
      const exact = blind.has(preset) && found?.value === GUESSING;
      if (found === undefined || (exact && split === "train")) return [];
      return [{ label: preset, kind: lookOf(results, preset).kind, split, exact, ...found }];
    }),
  );
}

/** Which presets tell a held-out story from its swap. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const all = presetsOf(results).flatMap((preset) => {
    const found = estimate(results, preset, "swap_accuracy");
    return found ? [{ preset, ...found }] : [];
  });
  const named = (rows: typeof all) =>
    listed(rows.map((row) => `${name(row.preset)} (${percent(row.value)})`));
  const blind = orderBlindOf(results);
  const exact = all.filter((row) => blind.has(row.preset) && row.value === GUESSING);
  const estimated = all.filter((row) => !exact.includes(row));
  const above = estimated.filter((row) => (row.low ?? row.value) > GUESSING);
  const below = estimated.filter((row) => (row.high ?? row.value) < GUESSING);
  const rest = estimated.filter((row) => !above.includes(row) && !below.includes(row));
  const clauses = [
    above.length > 0 &&
      `${named(above)} ${plural(above, "prefers", "prefer")} the right answer more often than guessing`,
    rest.length > 0 && `${named(rest)} cannot be told from guessing`,
    below.length > 0 && `${named(below)} ${plural(below, "is", "are")} right less often than guessing`,
    exact.length > 0 &&
      `${listed(exact.map((row) => name(row.preset)))} ${plural(exact, "is", "are")} right exactly half the time, as a control must be`,
  ].filter((clause) => clause !== false);
  return clauses.length > 0 ? `On stories with two words swapped, ${clauses.join("; ")}.` : undefined;
}

/** How a model without positions can know order, where one is among them. */
function maskSentence(results: readonly DemoResult[]): string | undefined {
  const names = [...new Set(results.filter(knowsByMask).map(({ preset }) => name(preset)))];
  if (names.length === 0) return undefined;
  return `${listed(names)} ${plural(names, "has", "have")} no positions, yet a causal mask: a token sees only those before it, so a first layer can tell how many they are and a second can use it. What it knows of order comes from there.`;
}

/** Dots with intervals; rows of the same preset share a line. */
export function swapAccuracy(
  rows: readonly AccuracyRow[],
  options: { readonly label: string; readonly width?: number; readonly xLabel?: string },
): Chart {
  const labels = [...new Set(rows.map((row) => row.label))];
  const lowest = Math.min(...rows.map((row) => row.low ?? row.value));
  const { label, width = 720, xLabel = "right answer preferred →" } = options;
  const axis = { domain: [lowest < 0.42 ? 0 : 0.4, 1], tickFormat: "%", ticks: 5 } as const;
  return {
    label,
    options: dotRows(labels, { width, xLabel, ...axis }, [
      Plot.ruleX([GUESSING], { stroke: "currentColor", strokeDasharray: "3 3" }),
      Plot.text(["guessing"], { x: () => GUESSING, frameAnchor: "top", dy: -14 }),
      ...rows.flatMap(rowMarks),
    ]),
  };
}

function rowMarks(row: AccuracyRow): Plot.Markish[] {
  const color = encodingColor(row.kind);
  const hollow = row.split === "train";
  const dy = hollow ? 7 : -4;
  const interval =
    row.exact || row.low === undefined || row.high === undefined
      ? []
      : [Plot.ruleY([row], { x1: "low", x2: "high", y: "label", stroke: color, strokeWidth: 2, dy })];
  return [
    ...interval,
    Plot.dot([row], {
      ...{ x: "value", y: "label", dy, r: hollow ? 4 : 5.5, stroke: color, strokeWidth: 2 },
      symbol: row.exact ? "diamond" : "circle",
      fill: hollow ? "var(--paper, #ffffff)" : color,
    }),
  ];
}
