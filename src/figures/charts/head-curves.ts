/**
 * A small curve for each head of a model, in a grid of layers and heads: what matters is the shape,
 * and how it differs from its neighbours'.
 */
import * as Plot from "@observablehq/plot";
import { RULE_DASH } from "../palette.ts";
import { CHART_STYLE, type Chart } from "./plot.ts";

export interface HeadPoint {
  readonly layer: number;
  readonly head: number;
  readonly x: number;
  readonly y: number;
  /** Which of a head's curves; each has its own look. */
  readonly curve: string;
}

/** How a curve is drawn: its colour, and a dash that tells it without colour. */
export interface CurveLook {
  readonly stroke: string;
  readonly dash?: string;
}

export interface HeadCurvesOptions {
  readonly label: string;
  readonly xLabel: string;
  readonly looks: Readonly<Record<string, CurveLook>>;
  /** A value to compare with, a dotted rule in every cell. */
  readonly rule?: number;
  readonly width?: number;
}

const MARGINS = { top: 48, right: 8, bottom: 42, left: 46 };

/**
 * Cells share both scales; heights grow as the square root, so that the far end of a curve shows
 * beside its peak.
 */
export function headCurves(points: readonly HeadPoint[], options: HeadCurvesOptions): Chart {
  const { width = 720, label, looks, rule } = options;
  const heads = new Set(points.map(({ head }) => head)).size;
  const layers = new Set(points.map(({ layer }) => layer)).size;
  const cell = (width - MARGINS.left - MARGINS.right) / Math.max(1, heads);
  const height = Math.max(26, Math.min(84, cell * 0.75));
  const facet = { fx: "head", fy: "layer" } as const;
  const places = points.map(({ x }) => x);
  const [least, most] = [Math.min(...places), Math.max(...places)];
  // Labels at the ends would touch those of the next cell.
  const ticks = [...new Set([0.2, 0.8].map((share) => Math.round(least + share * (most - least))))];
  return {
    label,
    options: {
      width,
      height: Math.ceil(MARGINS.top + height * layers + MARGINS.bottom),
      marginTop: MARGINS.top,
      marginRight: MARGINS.right,
      marginBottom: MARGINS.bottom,
      marginLeft: MARGINS.left,
      style: CHART_STYLE,
      fx: { label: "head →", padding: 0.08, axis: "top" },
      fy: { label: "↓ block", padding: 0.12, axis: "left" },
      x: {
        label: options.xLabel,
        labelAnchor: "center",
        ticks: cell < 60 ? [] : ticks,
        tickFormat: "d",
        tickSize: 3,
        labelOffset: 38,
      },
      y: { type: "sqrt", axis: null, domain: [0, Math.max(...points.map(({ y }) => y), rule ?? 0)] },
      marks: [
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
        ...(rule === undefined
          ? []
          : [Plot.ruleY([rule], { stroke: "currentColor", strokeDasharray: RULE_DASH, strokeOpacity: 0.7 })]),
        ...Object.entries(looks).map(([curve, { stroke, dash }]) =>
          Plot.lineY(
            points.filter((point) => point.curve === curve),
            {
              ...{ ...facet, x: "x", y: "y", stroke, strokeWidth: cell < 40 ? 1.2 : 1.8 },
              ...(dash === undefined ? {} : { strokeDasharray: dash }),
            },
          ),
        ),
      ],
    },
  };
}
