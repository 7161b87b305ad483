/**
 * Linear centred kernel alignment of two sets of vectors, row i of one beside row i of the other
 * (Kornblith et al. 2019, equation 2):
 *
 *     CKA = tr(K·L) / √(tr(K·K)·tr(L·L)),   K = XXᵀ, L = YYᵀ of centred X, Y (n,C)
 *
 * The biased estimator: with few rows of wide vectors it is high by chance.
 */

/** Squared deviations below this share of the squares are rounding: the rows are all the same. */
const SAME = 1e-12;

/** In [0, 1]; NaN where the rows of one set are all the same. */
export function linearCka(x: readonly ArrayLike<number>[], y: readonly ArrayLike<number>[]): number {
  const [a, b] = [centred(x), centred(y)];
  if (a === undefined || b === undefined) return Number.NaN;
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j <= i; j++) {
      const weight = i === j ? 1 : 2; // K and L are symmetric
      const k = dot(a[i] as Float64Array, a[j] as Float64Array);
      const l = dot(b[i] as Float64Array, b[j] as Float64Array);
      ab += weight * k * l;
      aa += weight * k * k;
      bb += weight * l * l;
    }
  }
  return Math.min(1, ab / Math.sqrt(aa * bb));
}

function centred(rows: readonly ArrayLike<number>[]): Float64Array[] | undefined {
  const width = rows[0]?.length ?? 0;
  const means = new Float64Array(width);
  for (const row of rows)
    for (let c = 0; c < width; c++) means[c] = (means[c] as number) + (row[c] as number);
  let [squares, deviations] = [0, 0];
  const all = rows.map((row) =>
    Float64Array.from({ length: width }, (_, c) => {
      const value = row[c] as number;
      const deviation = value - (means[c] as number) / rows.length;
      squares += value * value;
      deviations += deviation * deviation;
      return deviation;
    }),
  );
  return deviations > SAME * squares ? all : undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += (a[c] as number) * (b[c] as number);
  return sum;
}
