/** When something is learned: what probes measure of each kept step of a run, side by side. */
import { metrics } from "../probes/index.ts";
import type { Measurement } from "../probes/probe.ts";
import { type LineChartOptions, lineChart } from "./charts/lines.ts";
import { chartSvg } from "./charts/plot.ts";
import type { Figure, ReportFigure } from "./figure.ts";
import { count, fixed } from "./format.ts";
import type { DemoResult } from "./results.ts";
import { name } from "./words.ts";

/** The most metrics that are drawn: those that a model is judged by come first. */
const MOST = 9;
/** Pixels: two or three stand side by side, one fits a phone. */
const SMALL = 300;

export const acrossTraining: Figure = {
  id: "across-training",
  heading: "When is it learned?",
  metrics: [],
  absent: "No steps were asked one by one.",
  optional: true,
  inShort: true,
  sentence,
  draw(results, document) {
    const curves = curvesOf(results).slice(0, MOST);
    if (curves.length === 0) return undefined;
    const steps = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))];
    return {
      figures: curves.map((curve) => small(curve, steps, document)),
      caption:
        "A dot for each kept step, held-out material; bands: two standard errors. Dotted: what theory gives for a model that does not know what is asked.",
    };
  },
};

/** One of several side by side. */
function small(curve: StepCurve, steps: readonly number[], document: Document): ReportFigure {
  const { metric, title, unit, preset, kind, points } = curve;
  const { value } = metrics[metric]?.null ?? {};
  const isShare = unit === "accuracy";
  const options: LineChartOptions = {
    label: `${title} by training step of ${preset}: ${points.map(({ x, y }) => `${x} ${fixed(y, 3)}`).join(", ")}.`,
    xLabel: "training step →",
    yLabel: isShare ? "↑ share right" : `↑ ${unit}`,
    ...{ width: SMALL, height: 220, dots: true, bare: true },
    ...(steps.length <= 5 ? { xTicks: steps } : {}),
    ...(isShare ? { yDomain: [0, 1] } : {}),
    ...(value === undefined ? {} : { rules: [{ y: value, label: "exact null" }] }),
  };
  const chart = lineChart([{ label: preset, kind, points }], options);
  return { svg: chartSvg(chart, document), small: true, title };
}

interface StepCurve {
  readonly metric: string;
  readonly title: string;
  readonly unit: string;
  readonly preset: string;
  readonly kind: string;
  readonly points: readonly { readonly x: number; readonly y: number; low?: number; high?: number }[];
}

/** Of each metric that has one row a step, its curve; what models are judged by first. */
function curvesOf(results: readonly DemoResult[]): StepCurve[] {
  const found = results.flatMap(({ preset, encoding, steps = [] }) => {
    const byMetric = new Map<string, Measurement[]>();
    for (const row of steps.filter(({ at }) => at.split !== "train"))
      byMetric.set(row.metric, [...(byMetric.get(row.metric) ?? []), row]);
    return [...byMetric].flatMap(([metric, rows]): StepCurve[] => {
      if (new Set(rows.map(({ at }) => at.step)).size < rows.length) return []; // several rows a step
      const points = rows.flatMap(pointOf).sort((a, b) => a.x - b.x);
      const { title = metric, unit = rows[0]?.unit ?? "" } = metrics[metric] ?? {};
      return points.length > 1 ? [{ metric, title, unit, preset, kind: encoding, points }] : [];
    });
  });
  const judged = ({ metric }: StepCurve) => (metrics[metric]?.better ?? "neither") !== "neither";
  return [...found.filter(judged), ...found.filter((one) => !judged(one))];
}

function pointOf({ value, se, at }: Measurement): StepCurve["points"][number][] {
  if (value === null || typeof at.step !== "number") return [];
  const point = { x: at.step, y: value };
  return [typeof se === "number" ? { ...point, low: value - 2 * se, high: value + 2 * se } : point];
}

/** Between which two steps the first metric that moved did so most, or that none did. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const curves = curvesOf(results);
  const moved = curves.find(({ points }) => new Set(points.map(({ y }) => fixed(y))).size > 1);
  const [curve] = moved === undefined ? curves : [moved];
  const [first, last] = [curve?.points[0], curve?.points.at(-1)];
  if (curve === undefined || first === undefined || last === undefined) return undefined;
  const { title, unit, preset, points } = curve;
  const scale = unit === "accuracy" ? "" : ` ${unit}`;
  if (moved === undefined)
    return `From the first step that was kept, ${count(first.x)}, to the last, ${count(last.x)}, the ${title} of ${name(preset)} stays at ${fixed(first.y)}${scale}.`;
  const moves = points.slice(1).map((point, i) => [points[i] as typeof point, point] as const);
  const [from, to] = moves.reduce((best, move) => (size(move) > size(best) ? move : best));
  return `Of the steps that were kept, the ${title} of ${name(preset)} moves most between ${count(from.x)} and ${count(to.x)}: from ${fixed(from.y)} to ${fixed(to.y)}${scale}.`;
}

const size = ([a, b]: readonly [{ readonly y: number }, { readonly y: number }]) => Math.abs(b.y - a.y);
