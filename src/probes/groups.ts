/** Items with one key: what fits in one forward pass, and cases that are not independent. */
import { type Mean, ratioWithError } from "../tensor/numbers.ts";

/** Groups of items with one key, at most `size` each; keys and items in the order in which they come. */
export function groupsOf<T, K>(
  items: readonly T[],
  key: (item: T) => K,
  size = Number.POSITIVE_INFINITY,
): T[][] {
  const groups = new Map<K, T[][]>();
  for (const item of items) {
    const filled = groups.get(key(item)) ?? [];
    const last = filled.at(-1);
    if (last !== undefined && last.length < size) last.push(item);
    else filled.push([item]);
    groups.set(key(item), filled);
  }
  return [...groups.values()].flat();
}

/**
 * The values added up by topic, and how many each sum is of; without a topic, a value is its own.
 *
 * @param topics of each value
 */
export function sumsByTopic(
  values: readonly number[],
  topics: readonly (string | undefined)[],
): { readonly sums: number[]; readonly counts: number[] } {
  const found = new Map<string | number, { sum: number; count: number }>();
  for (const [i, value] of values.entries()) {
    const key = topics[i] ?? i;
    const { sum, count } = found.get(key) ?? { sum: 0, count: 0 };
    found.set(key, { sum: sum + value, count: count + 1 });
  }
  const all = [...found.values()];
  return { sums: all.map(({ sum }) => sum), counts: all.map(({ count }) => count) };
}

/**
 * The mean of all values, n of them; its standard error is over topics, for values of one topic are
 * not independent.
 *
 * @param topics of each value
 */
export function meanOverTopics(values: readonly number[], topics: readonly (string | undefined)[]): Mean {
  const { sums, counts } = sumsByTopic(values, topics);
  return { ...ratioWithError(sums, counts), n: values.length };
}
