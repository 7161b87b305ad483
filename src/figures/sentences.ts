/**
 * The report's findings in words, each computed from the measurements. A sentence whose numbers are missing is undefined;
 * none says what was expected.
 */

import { type Interval, seedInterval } from "../compare/intervals.ts";
import type { MeasurementSite } from "../probes/probe.ts";
import type { LineSeries } from "./charts/lines.ts";
import { fixed, listed, percent } from "./format.ts";
import { knowsByMask, orderBlindOf } from "./references.ts";
import { type Curve, contextOf, curves, type DemoResult, estimate, mean, presetsOf } from "./results.ts";

/** Differences in nats below this are called equal: seeds of models of this size differ by about as much. */
const SAME_NATS = 0.02;
const GUESSING = 0.5;

/** Which presets tell a held-out story from its swap. */
export function orderSentence(results: readonly DemoResult[]): string | undefined {
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
export function maskSentence(results: readonly DemoResult[]): string | undefined {
  const names = [...new Set(results.filter(knowsByMask).map(({ preset }) => name(preset)))];
  if (names.length === 0) return undefined;
  return `${listed(names)} ${plural(names, "has", "have")} no positions, yet a causal mask: a token sees only those before it, so a first layer can tell how many they are and a second can use it. What it knows of order comes from there.`;
}

/** What the order of the words before the question is worth. */
export function shuffleSentence(results: readonly DemoResult[]): string | undefined {
  const all = presetsOf(results).flatMap((preset) => {
    const found = estimate(results, preset, "prefix_shuffle_delta_nll");
    return found ? [{ label: preset, value: found.value }] : [];
  });
  const text = extremes(all, (value) => `${fixed(value)} nats`);
  return (
    text && `With the words before the last one reordered, the rise in the loss of the true answer ${text}.`
  );
}

/** Mean losses over the second half of the trained window, and over as many tokens past it as the window has. */
export interface PastLimit {
  readonly curve: Curve;
  readonly inside: number;
  readonly past: number;
  /** 95% interval of `past` over seeds, where there are several. */
  readonly interval?: Interval | undefined;
}

/** The tokens that a model has read when it predicts at `position`, so that L_max is the last inside the trained window. */
export function tokensRead({ position }: MeasurementSite): number | undefined {
  return position === undefined ? undefined : position + 1;
}

/** Every curve of loss that has points on both sides of L_max. */
export function pastLimits(results: readonly DemoResult[]): PastLimit[] {
  const context = contextOf(results);
  if (context === undefined) return [];
  const lossCurves = (of: readonly DemoResult[]) => curves(of, "nll", tokensRead);
  const between = ({ points }: Curve, low: number, high: number) =>
    mean(points.filter((point) => point.x > low && point.x <= high).map((point) => point.y));
  const seeds = results.flatMap((result) => lossCurves([result]));
  return lossCurves(results).flatMap((curve) => {
    const [inside, past] = [between(curve, context / 2, context), between(curve, context, 2 * context)];
    if (Number.isNaN(inside) || Number.isNaN(past)) return [];
    const each = seeds
      .filter((seed) => seed.label === curve.label)
      .map((seed) => between(seed, context, 2 * context));
    return [{ curve, inside, past, interval: seedInterval(each) }];
  });
}

/** What the loss does past L_max for each preset, under the policy that serves it best; least harmed first. */
export function lengthSentence(results: readonly DemoResult[]): string | undefined {
  const all = bestPastLimits(results).sort((a, b) => a.past - a.inside - (b.past - b.inside));
  if (all.length === 0) return undefined;
  const clauses = all.map(({ curve, inside, past }) => {
    const change = past - inside;
    if (Math.abs(change) < SAME_NATS) return `of ${name(curve.label)} stays at ${fixed(inside)}`;
    return `of ${name(curve.label)} ${change > 0 ? "rises" : "falls"} from ${fixed(inside)} to ${fixed(past)}`;
  });
  return `Past L_max the loss ${listed(clauses)} nats.`;
}

/** Of each preset with several policies past L_max, how they compare. */
export function policySentence(results: readonly DemoResult[]): string | undefined {
  const all = pastLimits(results);
  const sentences = presetsOf(results).flatMap((preset) => {
    const mine = all.filter(({ curve }) => curve.kind === preset).sort((a, b) => a.past - b.past);
    const policies = mine.map(({ curve, past }) => `${fixed(past)} (${curve.policy ?? "none named"})`);
    return policies.length > 1
      ? [`By policy, the loss of ${name(preset)} there is ${listed(policies)} nats.`]
      : [];
  });
  return sentences.length > 0 ? sentences.join(" ") : undefined;
}

/** For each preset, the curve with the least loss past L_max. */
export function bestPastLimits(results: readonly DemoResult[]): PastLimit[] {
  const all = pastLimits(results);
  return presetsOf(results).flatMap((preset) =>
    all
      .filter(({ curve }) => curve.kind === preset)
      .sort((a, b) => a.past - b.past)
      .slice(0, 1),
  );
}

/** For each preset, the curve of right answers that is highest at the longest story up to 2·L_max. */
export function bestStories(results: readonly DemoResult[]) {
  const context = contextOf(results);
  if (context === undefined) return [];
  const all = curves(results, "exact_match", (at) => at.length).flatMap((curve) => {
    const inside = curve.points.filter((point) => point.x <= context).at(-1);
    const last = curve.points.filter((point) => point.x > context && point.x <= 2 * context).at(-1);
    return inside === undefined || last === undefined ? [] : [{ curve, inside, last }];
  });
  return presetsOf(results).flatMap((preset) =>
    all
      .filter(({ curve }) => curve.kind === preset)
      .sort((a, b) => b.last.y - a.last.y)
      .slice(0, 1),
  );
}

/** How right answers fare from the longest story inside L_max to the longest up to 2·L_max, under the policy that does best. */
export function storySentence(results: readonly DemoResult[]): string | undefined {
  const clauses = bestStories(results).map(
    ({ curve, inside, last }) =>
      `${name(curve.label)} ${percent(inside.y)} at ${inside.x} tokens, ${percent(last.y)} at ${last.x}`,
  );
  return clauses.length > 0 ? `Right answers inside and past L_max: ${clauses.join("; ")}.` : undefined;
}

/** A preset as a name, set apart: "none" is one of them. */
export function name(label: string): string {
  return `\`${label}\``;
}

/** How far apart the last layer holds a story and its swap. */
export function layerSentence(series: readonly LineSeries[]): string | undefined {
  const ends = series.flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [{ label, value: last.y, layer: last.x }] : [];
  });
  const text = extremes(ends, (value) => fixed(value, 3));
  return text && `At the last layer measured, the distance between a story and its swap ${text}.`;
}

/** Where training ended, and where it could end at best. */
export function trainingSentence(series: readonly LineSeries[], floor?: number): string | undefined {
  const ends = series.flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [{ label, value: last.y }] : [];
  });
  const text = extremes(ends, (value) => `${fixed(value)} nats`);
  const best = floor === undefined ? "" : ` A perfect model would have ${fixed(floor)}: the floor.`;
  return text && `At the end of training the validation loss ${text}.${best}`;
}

/** "lies between 0.89 nats (none) and 3.10 nats (learned)", or what it is if that is one number. */
function extremes(
  rows: readonly { readonly label: string; readonly value: number }[],
  write: (value: number) => string,
): string | undefined {
  const sorted = [...rows].sort((a, b) => a.value - b.value);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined) return undefined;
  if (write(most.value) === write(least.value)) {
    return `is ${write(most.value)} for ${listed(rows.map((row) => name(row.label)))}`;
  }
  return `lies between ${write(least.value)} (${name(least.label)}) and ${write(most.value)} (${name(most.label)})`;
}

function plural(rows: readonly unknown[], one: string, many: string): string {
  return rows.length === 1 ? one : many;
}
