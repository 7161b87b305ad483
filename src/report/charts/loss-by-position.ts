/** Loss at each position of a window longer than the trained one: where the curve leaves its floor is what L_max means. */
import { type LineSeries, lineChart } from "./lines.ts";
import type { Chart } from "./plot.ts";

export interface LossByPositionOptions {
  /** L_max: the tokens of a training window. Position L_max, counted from 1, is the last inside it. */
  readonly context?: number | undefined;
  readonly label: string;
  readonly logX?: boolean;
  readonly width?: number;
}

/** One line for each encoding and policy; x is a position counted from 1, y the mean negative log-likelihood in nats. */
export function lossByPosition(series: readonly LineSeries[], options: LossByPositionOptions): Chart {
  const { context, label, logX = false, width = 720 } = options;
  return lineChart(
    series.map((one) => ({ ...one, points: one.points.filter((p) => !logX || p.x > 0) })), // 0 has no logarithm
    {
      label,
      logX,
      width,
      height: 380,
      xLabel: "position, counted from 1 →",
      yLabel: "↑ loss, nats per token",
      limit: context === undefined ? undefined : contextLimit(context),
    },
  );
}

/** The rule at L_max and the words on both sides of it. */
export function contextLimit(context: number): { x: number; label: string; past: string } {
  return { x: context, label: `L_max = ${context}`, past: "past L_max" };
}
