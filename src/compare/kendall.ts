import { createRng, shuffled } from "../tensor/rng.ts";

/**
 * Kendall's rank correlation with ties (Kendall 1945):
 *
 *     τ_b = (C − D) / √((C + D + T_x)(C + D + T_y))     C pairs in one order, D in opposite ones, T tied
 *                                                       on the other side alone
 *
 * @param signs of each pair: which of the two is larger, on either side
 * @returns NaN where all of one side are equal
 */
export function tauOfSigns(signs: readonly (readonly [number, number])[]): number {
  const ordered = (side: 0 | 1) => signs.filter((both) => both[side] !== 0).length;
  return signs.reduce((sum, [a, b]) => sum + a * b, 0) / Math.sqrt(ordered(0) * ordered(1));
}

/** How pairs of things stand in two orders. */
export interface PairCounts {
  readonly agree: number;
  readonly oppose: number;
  /** In one of the orders, or in both. */
  readonly tied: number;
}

/** Of each pair: which of the two is larger, on either side. */
export function signsOf(xs: readonly number[], ys: readonly number[]): (readonly [number, number])[] {
  const sign = (of: readonly number[], i: number, j: number) =>
    Math.sign((of[i] as number) - (of[j] as number));
  const pairs = xs.flatMap((_, i) => ys.slice(0, i).map((_, j) => [i, j] as const));
  return pairs.map(([i, j]) => [sign(xs, i, j), sign(ys, i, j)]);
}

/**
 * @example
 * assert.deepEqual(pairCounts([1, 2, 3], [1, 3, 3]), { agree: 2, oppose: 0, tied: 1 });
 */
export function pairCounts(xs: readonly number[], ys: readonly number[]): PairCounts {
  const products = signsOf(xs, ys).map(([a, b]) => a * b);
  const of = (sign: number) => products.filter((one) => one === sign).length;
  return { agree: of(1), oppose: of(-1), tied: products.length - of(1) - of(-1) };
}

/** 9! orders take a tenth of a second; of more values orders are drawn. */
export const MOST_ORDERED = 9;
const DRAWN_ORDERS = 20_000;

/**
 * p of τ_b, two-sided: how many of all orders of `ys` lie as far from 0 as this one, where each is as
 * likely. Ties stay as they are, so that τ_b's denominator is the same for all. Up to nine values it
 * is exact; of more, 20,000 orders are drawn, the same each time, and this one counts as one of them
 * (Phipson and Smyth 2010, arXiv:1603.05766).
 *
 * @returns undefined where all of one side are equal
 * @example
 * assert.equal(permutationP([1, 2, 3, 4], [1, 2, 3, 4]), 2 / 24);
 */
export function permutationP(xs: readonly number[], ys: readonly number[]): number | undefined {
  if (new Set(xs).size < 2 || new Set(ys).size < 2) return undefined;
  const gain = gainOver(xs);
  const score = (zs: readonly number[]) => Math.abs(zs.reduce((sum, z, i) => sum + gain(zs, i, z), 0));
  const found = score(ys);
  if (xs.length <= MOST_ORDERED) return exactP(ys, found, gain);
  const rng = createRng(0, "compare/orders");
  let far = 1;
  for (let n = 0; n < DRAWN_ORDERS; n++) if (score(shuffled(ys, rng)) >= found) far++;
  return far / (DRAWN_ORDERS + 1);
}

/** What C − D gains from a value z in place i, behind those placed before it. */
type Gain = (placed: readonly number[], i: number, z: number) => number;

function gainOver(xs: readonly number[]): Gain {
  const signs = xs.map((x) => xs.map((other) => Math.sign(x - other)));
  return (placed, i, z) => {
    const of = signs[i] as number[];
    let sum = 0;
    for (let j = 0; j < i; j++) sum += (of[j] as number) * Math.sign(z - (placed[j] as number));
    return sum;
  };
}

/** @param found |C − D| of the order itself */
function exactP(ys: readonly number[], found: number, gain: Gain): number {
  const all = { n: 0, far: 0 };
  /** Adds the values that are left one by one; `sum` is C − D of those placed. */
  const place = (placed: readonly number[], left: readonly number[], sum: number): void => {
    if (left.length === 0) {
      all.n++;
      if (Math.abs(sum) >= found) all.far++;
      return;
    }
    for (const [k, z] of left.entries())
      place([...placed, z], left.toSpliced(k, 1), sum + gain(placed, placed.length, z));
  };
  place([], ys, 0);
  return all.far / all.n;
}
