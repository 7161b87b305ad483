/** Normalization and GELU, and their gradients, by loops over scalars, in float64. */
import { sizeOf } from "../../../src/tensor/params.ts";
import { createRng } from "../../../src/tensor/rng.ts";

export interface RowwiseCase {
  readonly kind: "layer" | "rms" | "gelu";
  readonly shape: readonly number[];
  readonly epsilon: number;
  /** x[, gain[, bias]] and dy, in rows. */
  readonly values: Readonly<Record<string, number[]>>;
}

/** Of normal numbers; x moved and stretched, so that a mean and a deviation are to be found. */
export function caseOf(
  kind: RowwiseCase["kind"],
  shape: readonly number[],
  { biased = true, epsilon = 1e-5, moved = 3, stretched = 2 } = {},
): RowwiseCase {
  const size = sizeOf(shape);
  const width = shape.at(-1) as number;
  const draw = (name: string, length: number, by = 1, to = 0) => {
    const rng = createRng(1, `${kind} ${name} ${shape}`);
    return Array.from({ length }, () => Math.fround(to + by * rng.normal()));
  };
  const parameters = { gain: draw("gain", width, 0.5, 1), ...(biased && { bias: draw("bias", width) }) };
  const values = {
    x: draw("x", size, stretched, moved),
    ...(kind === "gelu" ? {} : parameters),
    dy: draw("dy", size),
  };
  return { kind, shape, epsilon, values };
}

/** By name: y, dx[, dgain[, dbias]], each in rows. */
export function byScalars(one: RowwiseCase): Record<string, number[]> {
  return one.kind === "gelu" ? geluByScalars(one) : normByScalars(one);
}

/** Its slope is a central difference. */
function geluByScalars({ values: { x = [], dy = [] } }: RowwiseCase): Record<string, number[]> {
  const f = (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
  const h = 1e-5;
  const slope = (v: number) => (f(v + h) - f(v - h)) / (2 * h);
  return { y: x.map(f), dx: x.map((v, i) => slope(v) * (dy[i] as number)) };
}

function normByScalars({ kind, shape, epsilon, values }: RowwiseCase): Record<string, number[]> {
  const { x = [], gain = [], bias, dy = [] } = values;
  const C = shape.at(-1) as number;
  const y: number[] = [];
  const dx: number[] = [];
  const dgain = new Array<number>(C).fill(0);
  const dbias = new Array<number>(C).fill(0);
  const mean = (a: readonly number[]) => a.reduce((sum, v) => sum + v, 0) / C;
  for (let from = 0; from < x.length; from += C) {
    const row = x.slice(from, from + C);
    const slopes = dy.slice(from, from + C);
    const middle = kind === "layer" ? mean(row) : 0;
    const scale = 1 / Math.sqrt(mean(row.map((v) => (v - middle) ** 2)) + epsilon);
    const z = row.map((v) => (v - middle) * scale);
    const dz = slopes.map((v, i) => v * (gain[i] as number));
    const along = mean(dz.map((v, i) => v * (z[i] as number)));
    const level = kind === "layer" ? mean(dz) : 0;
    z.forEach((v, i) => {
      y.push(v * (gain[i] as number) + (bias?.[i] ?? 0));
      dx.push(scale * ((dz[i] as number) - level - v * along));
      dgain[i] = (dgain[i] as number) + (slopes[i] as number) * v;
      dbias[i] = (dbias[i] as number) + (slopes[i] as number);
    });
  }
  return { y, dx, dgain, ...(bias && { dbias }) };
}
