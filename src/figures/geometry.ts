/** How alike the rows of a position table are, and how much of that depends on their distance only. */
import { createRng } from "../tensor/rng.ts";
import type { Matrix } from "./charts/position-heatmap.ts";

/** cos(p_i, p_j) for all pairs of rows, rows × rows; 0 beside a row of zeros. */
export function cosines({ rows, columns, values }: Matrix): Matrix {
  const dot = (i: number, j: number) => {
    let sum = 0;
    for (let c = 0; c < columns; c++) {
      sum += (values[i * columns + c] as number) * (values[j * columns + c] as number);
    }
    return sum;
  };
  const norms = Array.from({ length: rows }, (_, i) => Math.sqrt(dot(i, i)));
  const out = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      const scale = (norms[i] as number) * (norms[j] as number);
      out[i * rows + j] = scale > 0 ? dot(i, j) / scale : 0;
    }
  }
  return { rows, columns: rows, values: out };
}

/** Mean of the entries `distance` off the diagonal; NaN if there are none. */
export function meanAtDistance({ rows, values }: Matrix, distance: number): number {
  let sum = 0;
  for (let i = 0; i + distance < rows; i++) sum += values[i * rows + i + distance] as number;
  return distance < rows ? sum / (rows - distance) : Number.NaN;
}

/**
 * Toeplitz R² of a symmetric matrix without its diagonal, which is the same for all tables: 1 − ‖G
 * − Toep(G)‖² / ‖G − mean(G)‖² over i ≠ j, Toep replacing each entry by its diagonal's mean.
 * @returns 1 where entries depend on i − j only, as for sinusoidal; 1 too for a constant matrix
 */
export function shiftInvariance(gram: Matrix): number {
  const { rows, values } = gram;
  const diagonal = Array.from({ length: rows }, (_, distance) => meanAtDistance(gram, distance));
  const pairs = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: rows - i - 1 }, (_, k) => ({
      value: values[i * rows + i + k + 1] as number,
      explained: diagonal[k + 1] as number,
    })),
  ).flat();
  const mean = pairs.reduce((sum, { value }) => sum + value, 0) / pairs.length;
  const total = pairs.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  const unexplained = pairs.reduce((sum, { value, explained }) => sum + (value - explained) ** 2, 0);
  return total > 0 ? 1 - unexplained / total : 1;
}

const RANDOM_TABLES = 20;

/**
 * The mean of `shiftInvariance` over random tables of a size: what a table that knows nothing of
 * positions gets.
 */
export function randomShiftInvariance(rows: number, columns: number): number {
  const rng = createRng(0, `report/random table ${rows} ${columns}`);
  const one = () => Array.from({ length: rows * columns }, () => rng.normal());
  const shares = Array.from({ length: RANDOM_TABLES }, () =>
    shiftInvariance(cosines({ rows, columns, values: one() })),
  );
  return shares.reduce((sum, share) => sum + share, 0) / RANDOM_TABLES;
}
