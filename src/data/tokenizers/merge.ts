/**
 * Byte-pair merging of one piece: of all neighbours that may merge, those of the lowest rank merge
 * first, the leftmost of equal ones (Sennrich et al. 2016, algorithm 1, applied to a new word). A
 * heap makes it O(n log n), so one long piece costs no more than many short ones.
 */
import { NumberHeap } from "./number-heap.ts";

/** What two neighbours become. */
export interface Merge {
  readonly rank: number;
  readonly id: number;
}

export type FindMerge = (left: number, right: number) => Merge | undefined;

/** Merges ids until none may merge. @param onMerge hears of each merge, in order. */
export function mergePiece(
  ids: readonly number[],
  find: FindMerge,
  onMerge?: (left: number, right: number, id: number) => void,
): number[] {
  const n = ids.length;
  const symbol = [...ids];
  const next = ids.map((_, i) => (i + 1 < n ? i + 1 : -1));
  const previous = ids.map((_, i) => i - 1);
  // One number a candidate, rank·n + place: a long piece has millions.
  const heap = new NumberHeap();
  const mergeAt = (at: number) => {
    const after = next[at] as number;
    return after < 0 ? undefined : find(symbol[at] as number, symbol[after] as number);
  };
  const consider = (at: number) => {
    const merge = mergeAt(at);
    if (merge !== undefined) heap.push(merge.rank * n + at);
  };
  for (let i = 0; i + 1 < n; i++) consider(i);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const at = top % n;
    const merge = mergeAt(at);
    if (merge === undefined || merge.rank !== (top - at) / n) continue; // merged with others meanwhile
    const after = next[at] as number;
    onMerge?.(symbol[at] as number, symbol[after] as number, merge.id);
    symbol[at] = merge.id;
    symbol[after] = -1;
    const beyond = next[after] as number;
    next[at] = beyond;
    next[after] = -1;
    if (beyond >= 0) previous[beyond] = at;
    if ((previous[at] as number) >= 0) consider(previous[at] as number);
    consider(at);
  }
  return symbol.filter((id) => id >= 0);
}
