/**
 * What a square matrix about positions says of shifts, distance and direction. Entry (i,j) is about
 * positions i and j.
 *
 *     toeplitzR2     1 − ‖G − Toep(G)‖² / ‖G − Ḡ‖²    Toep(G) has each diagonal's mean on it: 1 where entries depend on j − i alone
 *     asymmetry      ‖G − Gᵀ‖_F / ‖G‖_F               0 where left and right are alike, √2 for unrelated entries, 2 for G = −Gᵀ
 *     monotonicity   Spearman(−d, mean of G at distance d), d = 1 … K: 1 where what is nearer is more alike
 *
 * Toeplitz: Wennberg and Henter 2021, arXiv:2106.01950. The other two: Wang et al. 2021, "On
 * Position Embeddings in BERT", section 3.
 */

/** A square matrix, row-major. */
export interface Square {
  readonly size: number;
  readonly values: Float64Array;
}

/** Below this share of ‖G‖² a variance is rounding. */
const ROUNDING = 1e-20;

/**
 * Products of all pairs of rows, a·bᵀ.
 *
 * @param a (N,C), row-major
 * @param b (N,C); left out, a, whose Gram matrix this is
 */
export function productsOf(a: ArrayLike<number>, width: number, b = a): Square {
  const size = a.length / width;
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = b === a ? i : 0; j < size; j++) {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += (a[i * width + c] as number) * (b[j * width + c] as number);
      values[i * size + j] = sum;
      if (b === a) values[j * size + i] = sum;
    }
  }
  return { size, values };
}

/**
 * The share of the variance of entries that j − i explains.
 *
 * @param diagonal whether entries (i,i) count: they are the rows' norms in a Gram matrix, which
 *   random rows explain well too
 * @returns null where all entries are alike
 */
export function toeplitzR2({ size, values }: Square, diagonal = true): number | null {
  const sums = new Float64Array(2 * size - 1); // of the diagonal j − i = k − (size − 1)
  const counted = (d: number) => (diagonal || d !== 0 ? size - Math.abs(d) : 0);
  let [sum, squares, n] = [0, 0, 0];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (i === j && !diagonal) continue;
      const value = values[i * size + j] as number;
      const k = j - i + size - 1;
      sums[k] = (sums[k] as number) + value;
      sum += value;
      squares += value * value;
      n++;
    }
  }
  const mean = sum / n;
  let [total, unexplained] = [0, 0];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const count = counted(j - i);
      if (count === 0) continue;
      const value = values[i * size + j] as number;
      total += (value - mean) ** 2;
      unexplained += (value - (sums[j - i + size - 1] as number) / count) ** 2;
    }
  }
  return total > ROUNDING * squares ? 1 - unexplained / total : null;
}

/** @returns null of zeros */
export function asymmetry({ size, values }: Square): number | null {
  let [difference, all] = [0, 0];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const value = values[i * size + j] as number;
      difference += (value - (values[j * size + i] as number)) ** 2;
      all += value * value;
    }
  }
  return all > 0 ? Math.sqrt(difference / all) : null;
}

/** Mean of the entries (i,j) with |i − j| = d, for d = 0 … size − 1. */
export function meansByDistance({ size, values }: Square): number[] {
  return Array.from({ length: size }, (_, d) => {
    let sum = 0;
    for (let i = 0; i + d < size; i++)
      sum += (values[i * size + i + d] as number) + (values[(i + d) * size + i] as number);
    return sum / (2 * (size - d));
  });
}

/** @returns null where the means of all distances are alike, or there are fewer than two distances */
export function monotonicity(gram: Square, within: number): number | null {
  const means = meansByDistance(gram).slice(1, within + 1);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  if (high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high))) return null; // what is left is rounding
  return spearman(
    means.map((_, i) => -(i + 1)),
    means,
  );
}

/**
 * Pearson's correlation of ranks, equal values sharing the mean of theirs; null where either side
 * is constant.
 */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  const [x, y] = [centredRanks(a), centredRanks(b)];
  const dot = (u: readonly number[], v: readonly number[]) =>
    u.reduce((sum, value, i) => sum + value * (v[i] as number), 0);
  const size = Math.sqrt(dot(x, x) * dot(y, y));
  return size > 0 ? dot(x, y) / size : null;
}

function centredRanks(values: readonly number[]): number[] {
  const below = (value: number) => values.filter((other) => other < value).length;
  const equal = (value: number) => values.filter((other) => other === value).length;
  return values.map((value) => below(value) + (equal(value) - 1) / 2 - (values.length - 1) / 2);
}
