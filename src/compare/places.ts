/**
 * The place of each condition in an order, and the places that it may have: after all that were
 * shown to be better, before all that were shown to be worse, by `decide` over all pairs.
 */
import { mean } from "../tensor/numbers.ts";
import { type Decision, decide } from "./decide.ts";
import type { Ranked } from "./two-orders.ts";

/** The places that a condition may have, 1 the best. */
export interface Rank {
  readonly name: string;
  readonly best: number;
  readonly last: number;
}

/** A condition's place by its mean; those of equal means share the middle of their places. */
export interface Placed {
  readonly place: number;
  /** Undefined where seeds are too few to tell any two apart. */
  readonly range?: Omit<Rank, "name"> | undefined;
}

/** @returns undefined where not all pairs were compared, or seeds are too few for one of them */
export function placesOf(
  { against, contrasts, summaries }: Decision,
  better: "higher" | "lower",
): Map<string, Rank> | undefined {
  const names = summaries.map(({ name }) => name);
  const pairs = (names.length * (names.length - 1)) / 2;
  if (against !== undefined || contrasts.length < pairs) return undefined;
  if (contrasts.some(({ outcome }) => outcome === "unknown")) return undefined;
  const wins = contrasts
    .filter(({ outcome }) => outcome === "different")
    .map((one) => {
      const isHigher = one.order ? one.order.higher > one.order.lower : one.difference.mean > 0;
      const [first, second] = [one.first, one.second];
      return isHigher === (better === "higher")
        ? { better: first, worse: second }
        : { better: second, worse: first };
    });
  return new Map(
    names.map((name) => {
      const best = 1 + wins.filter(({ worse }) => worse === name).length;
      return [name, { name, best, last: names.length - wins.filter((win) => win.better === name).length }];
    }),
  );
}

/** Of values of which larger are better, by the seeds that all of these conditions have. */
export function placedIn(ranked: Ranked, conditions: readonly string[]): Map<string, Placed> {
  const some = conditions.map((name) => ({ name, values: ranked.get(name) ?? new Map<number, number>() }));
  const ranges = placesOf(decide(some), "higher");
  const means = some.map(({ values }) => mean([...values.values()]));
  return new Map(
    some.map(({ name }, i) => {
      const own = means[i] as number;
      const above = means.filter((other) => other > own).length;
      const equal = means.filter((other) => other === own).length;
      return [name, { place: above + (equal + 1) / 2, range: ranges?.get(name) }];
    }),
  );
}
