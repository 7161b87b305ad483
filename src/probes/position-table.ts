/**
 * What a learned table of positions looks like: how similar two positions are by their distance,
 * and how many directions the table uses.
 *
 * The mean row is taken out first. It moves every position alike (in an imported BERT it holds the
 * embedding of segment 0), and would make all rows look similar.
 */

import { productsOf } from "./gram.ts";

export interface PositionTable {
  /** Mean cosine of centred rows d apart, for d = 1, 2, 4, … below P. */
  readonly cosineByDistance: readonly { readonly distance: number; readonly cosine: number }[];
  /** (Σλ)²/Σλ² over the eigenvalues λ of the rows' covariance: n for n equal ones. */
  readonly effectiveDimensions: number;
}

/**
 * @param values (P,C), row-major
 * @param width C
 */
export function analysePositions(values: Float32Array, width: number): PositionTable {
  const gram = productsOf(centred(values, width), width); // (P,P), the covariance's eigenvalues times P
  const P = gram.size;
  const at = (i: number, j: number) => gram.values[i * P + j] as number;
  const distances: number[] = [];
  for (let distance = 1; distance < P; distance *= 2) distances.push(distance);
  const cosineByDistance = distances.map((distance) => {
    let sum = 0;
    for (let i = 0; i + distance < P; i++) {
      const j = i + distance;
      sum += at(i, j) / Math.max(Math.sqrt(at(i, i) * at(j, j)), Number.MIN_VALUE);
    }
    return { distance, cosine: sum / (P - distance) };
  });
  const trace = Array.from({ length: P }, (_, i) => at(i, i)).reduce((sum, value) => sum + value, 0);
  const squares = gram.values.reduce((sum, value) => sum + value * value, 0);
  return { cosineByDistance, effectiveDimensions: trace ** 2 / squares };
}

function centred(values: Float32Array, width: number): Float64Array {
  const P = values.length / width;
  const mean = new Float64Array(width);
  for (const [i, value] of values.entries()) mean[i % width] = (mean[i % width] as number) + value / P;
  return Float64Array.from(values, (value, i) => value - (mean[i % width] as number));
}
