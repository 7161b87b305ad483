/** Loss at each position of a window longer than the trained one: where the curve leaves its floor is what L_max means. */
import { type LineSeries, lineChart } from "./lines.ts";
import type { Chart } from "./plot.ts";

export interface LossByPositionOptions {
  /** L_max: the tokens of a training window. Position L_max, counted from 1, is the last inside it. */
  readonly context?: number | undefined;
  readonly label: string;
  readonly logX?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly behind?: readonly LineSeries[];
  readonly bare?: boolean;
}

/** One line for each encoding and policy; x is a position counted from 1, y the mean negative log-likelihood in nats. */
export function lossByPosition(series: readonly LineSeries[], options: LossByPositionOptions): Chart {
  const { context, label, logX = false, width = 720, height = 380, behind = [], bare = false } = options;
  const drawable = (all: readonly LineSeries[]) =>
    all.map((one) => ({ ...one, points: one.points.filter((p) => !logX || p.x > 0) })); // 0 has no logarithm
  return lineChart(drawable(series), {
    ...{ label, logX, width, height, bare, behind: drawable(behind) },
    xLabel: "position, counted from 1 →",
    yLabel: "↑ loss, nats per token",
    limit: context === undefined ? undefined : contextLimit(context),
  });
}

/** The rule at L_max and the words on both sides of it. */
export function contextLimit(context: number): { x: number; label: string; past: string } {
  return { x: context, label: `L_max = ${context}`, past: "past L_max" };
}
