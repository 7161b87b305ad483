/**
 * Ridge regression in closed form, double precision, from rows that come in parts:
 *
 *     w = (R + αI)⁻¹·r     R the correlations of the features, r those of features with the target (times its deviation)
 *
 * Features are standardized, so that α means the same at every layer. A feature that does not vary
 * has weight 0.
 */

/** Sums over rows of features x (C) and targets y (K). */
export interface Moments {
  readonly width: number;
  readonly targets: number;
  count: number;
  /** Σx, (C) */
  readonly sum: Float64Array;
  /** Σxxᵀ, (C,C): on and above the diagonal. */
  readonly gram: Float64Array;
  /** Σy, (K) */
  readonly targetSum: Float64Array;
  /** Σyxᵀ, (K,C) */
  readonly cross: Float64Array;
}

/** y = weights·x + bias */
export interface Linear {
  /** (K,C) */
  readonly weights: Float64Array;
  /** (K) */
  readonly bias: Float64Array;
}

/** Variance below this share of the features' mean square is rounding of float32. */
const CONSTANT = 1e-11;

export const noMoments = (width: number, targets: number): Moments => ({
  ...{ width, targets, count: 0, sum: new Float64Array(width), gram: new Float64Array(width * width) },
  ...{ targetSum: new Float64Array(targets), cross: new Float64Array(targets * width) },
});

/** Rows that are added in one pass over the sums. */
const BLOCK = 4;

/**
 * Adds rows to the sums.
 *
 * @param x holds rows of C features
 * @param rows which of them
 * @param y the targets of each, (K)
 */
export function addRows(
  moments: Moments,
  x: Float32Array,
  rows: readonly number[],
  y: readonly (readonly number[])[],
): void {
  const { width: C, sum, targetSum, cross } = moments;
  moments.count += rows.length;
  for (let from = 0; from < rows.length; from += BLOCK) {
    const block = new Float64Array(BLOCK * C); // rows that are not there are zero
    rows.slice(from, from + BLOCK).forEach((row, b) => {
      block.set(x.subarray(row * C, (row + 1) * C), b * C);
    });
    addProducts(moments, block);
  }
  for (const [r, row] of rows.entries()) {
    const targets = y[r] as readonly number[];
    for (let i = 0; i < C; i++) {
      const value = x[row * C + i] as number;
      sum[i] = (sum[i] as number) + value;
      targets.forEach((target, k) => {
        cross[k * C + i] = (cross[k * C + i] as number) + target * value;
      });
    }
    targets.forEach((target, k) => {
      targetSum[k] = (targetSum[k] as number) + target;
    });
  }
}

function addProducts({ width: C, gram }: Moments, x: Float64Array): void {
  const [one, two, three] = [C, 2 * C, 3 * C];
  for (let i = 0; i < C; i++) {
    const a = x[i] as number;
    const b = x[one + i] as number;
    const c = x[two + i] as number;
    const d = x[three + i] as number;
    const row = i * C;
    for (let j = i; j < C; j++) {
      gram[row + j] =
        (gram[row + j] as number) +
        a * (x[j] as number) +
        b * (x[one + j] as number) +
        c * (x[two + j] as number) +
        d * (x[three + j] as number);
    }
  }
}

/** @param alpha above 0 */
export function ridge(moments: Moments, alpha: number): Linear {
  const { width: C, targets: K, count: n, sum, gram, targetSum, cross } = moments;
  const mean = sum.map((value) => value / n);
  const squares = mean.map((_, i) => (gram[i * C + i] as number) / n);
  const rounding = CONSTANT * (squares.reduce((total, square) => total + square, 0) / C);
  const deviation = squares.map((square, i) => {
    const variance = square - (mean[i] as number) ** 2;
    return variance > rounding ? Math.sqrt(variance) : 0;
  });
  const matrix = new Float64Array(C * C);
  for (let i = 0; i < C; i++) {
    for (let j = i; j < C; j++) {
      const scale = (deviation[i] as number) * (deviation[j] as number);
      const covariance = (gram[i * C + j] as number) / n - (mean[i] as number) * (mean[j] as number);
      matrix[j * C + i] = (scale > 0 ? covariance / scale : 0) + (i === j ? alpha : 0);
    }
  }
  factorize(matrix, C);
  const weights = new Float64Array(K * C);
  const bias = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    const target = (targetSum[k] as number) / n;
    const right = mean.map((m, i) => {
      const d = deviation[i] as number;
      return d > 0 ? ((cross[k * C + i] as number) / n - target * m) / d : 0;
    });
    solve(matrix, C, right);
    bias[k] = target;
    for (let i = 0; i < C; i++) {
      const d = deviation[i] as number;
      const weight = d > 0 ? (right[i] as number) / d : 0;
      weights[k * C + i] = weight;
      bias[k] = (bias[k] as number) - weight * (mean[i] as number);
    }
  }
  return { weights, bias };
}

/** Target k of a row of x. */
export function predict({ weights, bias }: Linear, x: Float32Array, row: number, k: number): number {
  const C = weights.length / bias.length;
  let sum = bias[k] as number;
  for (let i = 0; i < C; i++) sum += (weights[k * C + i] as number) * (x[row * C + i] as number);
  return sum;
}

/** Cholesky's A = LLᵀ in place: reads and writes on and below the diagonal. */
function factorize(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j] as number;
      for (let k = 0; k < j; k++) rest -= (a[i * n + k] as number) * (a[j * n + k] as number);
      a[i * n + j] = i === j ? Math.sqrt(rest) : rest / (a[j * n + j] as number);
    }
  }
}

/** x of LLᵀx = b, in place of b. */
function solve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let rest = b[i] as number;
    for (let k = 0; k < i; k++) rest -= (l[i * n + k] as number) * (b[k] as number);
    b[i] = rest / (l[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    let rest = b[i] as number;
    for (let k = i + 1; k < n; k++) rest -= (l[k * n + i] as number) * (b[k] as number);
    b[i] = rest / (l[i * n + i] as number);
  }
}
