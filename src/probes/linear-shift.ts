/**
 * How well one linear map moves a table's rows by Δ positions: P[p + Δ] ≈ P[p]·M for all p.
 *
 * M is ridge regression on even p, and the error is that on odd p:
 *
 *     error = Σ ‖P[p]·M − P[p + Δ]‖² / Σ ‖P[p + Δ] − m‖²    m the mean of the rows that M was fitted to
 *
 * so that 1 is no better than always the mean row. The ridge is chosen by leaving one even p out at
 * a time, for which the dual form has a closed expression: the residual is (A⁻¹Y)_i / (A⁻¹)_ii with
 * A = X·Xᵀ + λ·1 (Rifkin and Lippert 2007, "Notes on regularized least squares").
 */

/** λ in units of the mean of ‖P[p]‖². */
const RIDGES = Array.from({ length: 12 }, (_, i) => 10 ** (i - 10));

/**
 * @param table (P,C), row-major
 * @returns the error, of how many odd p; null where there are fewer than two even or no odd p, or
 *   all rows are alike
 */
export function linearShiftError(
  table: ArrayLike<number>,
  width: number,
  by: number,
): { readonly error: number; readonly n: number } | null {
  const count = table.length / width - by;
  const row = (p: number) => Float64Array.from({ length: width }, (_, c) => table[p * width + c] as number);
  const starts = Array.from({ length: Math.max(0, count) }, (_, p) => p);
  const [even, odd] = [starts.filter((p) => p % 2 === 0), starts.filter((p) => p % 2 === 1)];
  if (even.length < 2 || odd.length === 0) return null;
  const X = even.map(row);
  const Y = even.map((p) => row(p + by));
  const weights = fitted(X, Y);
  const mean = Y.reduce(
    (sum, y) => sum.map((value, c) => value + (y[c] as number) / Y.length),
    zerosOf(width),
  );
  let [error, total] = [0, 0];
  for (const p of odd) {
    const [from, to] = [row(p), row(p + by)];
    const predicted = combined(
      X.map((x) => dot(x, from)),
      weights,
    );
    error += distance(predicted, to);
    total += distance(mean, to);
  }
  return total > 0 ? { error: error / total, n: odd.length } : null;
}

/** α of the prediction Σ_i (x·x_i)·α_i, with the ridge of least leave-one-out error. */
function fitted(X: readonly Float64Array[], Y: readonly Float64Array[]): Float64Array[] {
  const gram = X.map((a) => Float64Array.from(X, (b) => dot(a, b)));
  const size = gram.reduce((sum, row, i) => sum + (row[i] as number), 0) / X.length;
  let best: { readonly error: number; readonly alpha: Float64Array[] } | undefined;
  for (const ridge of RIDGES) {
    const inverse = inverseOf(gram, ridge * size);
    if (inverse === undefined) continue; // too near to singular for this ridge
    const alpha = inverse.map((row) => combined(row, Y));
    const error = alpha.reduce(
      (sum, a, i) => sum + dot(a, a) / ((inverse[i] as Float64Array)[i] as number) ** 2,
      0,
    );
    if (best === undefined || error < best.error) best = { error, alpha };
  }
  return best?.alpha ?? Y.map((y) => zerosOf(y.length));
}

/**
 * (G + λ·1)⁻¹ by Cholesky's factors; undefined where G + λ·1 is not positive definite in double
 * precision.
 */
function inverseOf(gram: readonly Float64Array[], ridge: number): Float64Array[] | undefined {
  const n = gram.length;
  const L = gram.map((row, i) => Float64Array.from(row, (value, j) => (i === j ? value + ridge : value)));
  for (let j = 0; j < n; j++) {
    const pivotRow = L[j] as Float64Array;
    let pivot = pivotRow[j] as number;
    for (let k = 0; k < j; k++) pivot -= (pivotRow[k] as number) ** 2;
    if (!(pivot > 0)) return undefined;
    pivotRow[j] = Math.sqrt(pivot);
    for (let i = j + 1; i < n; i++) {
      const row = L[i] as Float64Array;
      let sum = row[j] as number;
      for (let k = 0; k < j; k++) sum -= (row[k] as number) * (pivotRow[k] as number);
      row[j] = sum / (pivotRow[j] as number);
    }
  }
  return L.map((_, column) => solved(L, column));
}

/** The column of the inverse: L·Lᵀ·x = e. */
function solved(L: readonly Float64Array[], column: number): Float64Array {
  const n = L.length;
  const at = (i: number, j: number) => (L[i] as Float64Array)[j] as number;
  const x = zerosOf(n);
  for (let i = column; i < n; i++) {
    let sum = i === column ? 1 : 0;
    for (let k = column; k < i; k++) sum -= at(i, k) * (x[k] as number);
    x[i] = sum / at(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < n; k++) sum -= at(k, i) * (x[k] as number);
    x[i] = sum / at(i, i);
  }
  return x;
}

const zerosOf = (size: number) => new Float64Array(size);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += (a[c] as number) * (b[c] as number);
  return sum;
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += ((a[c] as number) - (b[c] as number)) ** 2;
  return sum;
}

/** Σ_i weights_i·rows_i */
function combined(weights: ArrayLike<number>, rows: readonly Float64Array[]): Float64Array {
  const sum = zerosOf((rows[0] as Float64Array).length);
  for (const [i, row] of rows.entries()) {
    const weight = weights[i] as number;
    for (let c = 0; c < sum.length; c++) sum[c] = (sum[c] as number) + weight * (row[c] as number);
  }
  return sum;
}
