/**
 * Seeds without a value: a run that had not learned within N steps would have learned later, and
 * nobody knows when. N is no value of it: a mean with N in it, or without the seed, is of nothing.
 *
 * What such a seed still tells is an order: a run that did learn was sooner. Paired by seed, the
 * two orders are alike likely where conditions do not differ, so that an exact sign test holds.
 */
import { LEAST_SEEDS } from "./paired.ts";
import { pairedSuccess } from "./success.ts";

/** Which of two conditions lies higher, by seed. */
export interface SeedOrder {
  /** Seeds that were asked of both. */
  readonly n: number;
  readonly higher: number;
  readonly lower: number;
  /** Of no difference, two-sided: equal seeds tell nothing. Undefined below three seeds. */
  readonly p?: number | undefined;
}

/** Values by seed, and seeds that were asked and have none, for it lies past all that was tested. */
export interface Censored {
  readonly values: ReadonlyMap<number, number>;
  readonly missing?: ReadonlySet<number> | undefined;
}

/**
 * Compares each seed of one condition with the same seed of another. Two without a value are equal.
 *
 * @param lies where values that are missing lie
 * @example
 * const a = { values: new Map([[1, 200], [2, 400], [3, 200]]) };
 * const b = { values: new Map([[1, 600]]), missing: new Set([2, 3]) };
 * assert.deepEqual(seedOrder(a, b, "above"), { n: 3, higher: 0, lower: 3, p: 0.25 });
 */
export function seedOrder(a: Censored, b: Censored, lies: "above" | "below"): SeedOrder {
  const past = lies === "above" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const placeIn = ({ values, missing }: Censored, seed: number) =>
    values.get(seed) ?? (missing?.has(seed) ? past : undefined);
  const signs = [...a.values.keys(), ...(a.missing ?? [])].flatMap((seed) => {
    const [one, other] = [placeIn(a, seed), placeIn(b, seed)];
    if (one === undefined || other === undefined) return [];
    return [one > other ? 1 : one < other ? -1 : 0];
  });
  const count = (sign: number) => signs.filter((one) => one === sign).length;
  const order = { n: signs.length, higher: count(1), lower: count(-1) };
  return signs.length < LEAST_SEEDS ? order : { ...order, p: pairedSuccess(signs).p };
}

/**
 * The value that half of the seeds have reached, or more: of an even number the lower of the two in
 * the middle. Undefined where that one is missing.
 *
 * @example
 * assert.equal(middleOf({ values: new Map([[1, 200], [2, 400]]), missing: new Set([3]) }, "above"), 400);
 * assert.equal(middleOf({ values: new Map([[1, 200]]), missing: new Set([2, 3]) }, "above"), undefined);
 */
export function middleOf({ values, missing }: Censored, lies: "above" | "below"): number | undefined {
  const sorted: (number | undefined)[] = [...values.values()].sort((a, b) => a - b);
  const past = Array.from({ length: missing?.size ?? 0 }, () => undefined);
  const all = lies === "above" ? [...sorted, ...past] : [...past, ...sorted];
  return all[Math.ceil(all.length / 2) - 1];
}
