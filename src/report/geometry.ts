/** How alike the rows of a position table are, and how much of that depends on their distance only. */
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
 * Toeplitz R² of a symmetric matrix: 1 − ‖G − Toep(G)‖² / ‖G − mean(G)‖², Toep replacing each entry by its diagonal's mean.
 * @returns 1 where entries depend on i − j only, as for sinusoidal; 1 too for a constant matrix
 */
export function shiftInvariance(gram: Matrix): number {
  const { rows, values } = gram;
  const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const diagonal = Array.from({ length: rows }, (_, distance) => meanAtDistance(gram, distance));
  let [unexplained, total] = [0, 0];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      const value = values[i * rows + j] as number;
      unexplained += (value - (diagonal[Math.abs(i - j)] as number)) ** 2;
      total += (value - mean) ** 2;
    }
  }
  return total > 0 ? 1 - unexplained / total : 1;
}
