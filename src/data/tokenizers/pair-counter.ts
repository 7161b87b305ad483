/** How often pairs of neighbours occur and where, and the most frequent of them. */
import TinyQueue from "tinyqueue";

export interface Pair {
  readonly left: number;
  readonly right: number;
  /** As known when it was put into the heap. */
  count: number;
  /** Where it came about. */
  readonly places: readonly number[];
}

/** More than any vocabulary, and its square is below 2^53. */
const KEY = 2 ** 26;

/** One number for a pair. */
export const pairKey = (left: number, right: number): number => left * KEY + right;

export class PairCounter {
  readonly #counts = new Map<number, number>();
  readonly #fresh = new Map<number, number[]>();
  readonly #heap = new TinyQueue<Pair>(
    [],
    (a, b) => b.count - a.count || a.left - b.left || a.right - b.right,
  );

  add(left: number, right: number, change: number, place: number): void {
    const key = pairKey(left, right);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + change);
    if (change <= 0) return;
    const places = this.#fresh.get(key);
    if (places) places.push(place);
    else this.#fresh.set(key, [place]);
  }

  /** Puts the pairs that were added to since the last time into the heap. */
  flush(): void {
    for (const [key, places] of this.#fresh) {
      const count = this.#counts.get(key) as number;
      if (count > 0) this.#heap.push({ left: Math.floor(key / KEY), right: key % KEY, count, places });
    }
    this.#fresh.clear();
  }

  /** The heap's counts may be old: one that has changed is put back with what is right now. */
  mostFrequent(): Pair | undefined {
    for (let top = this.#heap.pop(); top !== undefined; top = this.#heap.pop()) {
      const count = this.#counts.get(pairKey(top.left, top.right)) as number;
      if (count === top.count) return top;
      if (count <= 0) continue;
      top.count = count;
      this.#heap.push(top);
    }
    return undefined;
  }
}
