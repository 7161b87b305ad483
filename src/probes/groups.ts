/** What fits in one forward pass. */

/** Groups of items with one key, at most `size` each; keys and items in the order in which they come. */
export function groupsOf<T>(
  items: readonly T[],
  key: (item: T) => number,
  size = Number.POSITIVE_INFINITY,
): T[][] {
  const groups = new Map<number, T[][]>();
  for (const item of items) {
    const filled = groups.get(key(item)) ?? [];
    const last = filled.at(-1);
    if (last !== undefined && last.length < size) last.push(item);
    else filled.push([item]);
    groups.set(key(item), filled);
  }
  return [...groups.values()].flat();
}
