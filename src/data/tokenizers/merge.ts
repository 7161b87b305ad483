/**
 * Byte-pair merging of one piece: of all neighbours that may merge, those of the lowest rank merge first, the leftmost of equal
 * ones (Sennrich et al. 2016, algorithm 1, applied to a new word). A heap makes it O(n log n), so one long piece costs no more
 * than many short ones.
 */
import { Heap } from "./heap.ts";

/** What two neighbours become. */
export interface Merge {
  readonly rank: number;
  readonly id: number;
}

export type FindMerge = (left: number, right: number) => Merge | undefined;

interface Candidate extends Merge {
  readonly at: number;
  readonly left: number;
  readonly right: number;
}

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
  const heap = new Heap<Candidate>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.at < b.at));
  const consider = (at: number) => {
    const after = next[at] as number;
    if (at < 0 || after < 0) return;
    const [left, right] = [symbol[at] as number, symbol[after] as number];
    const merge = find(left, right);
    if (merge !== undefined) heap.push({ ...merge, at, left, right });
  };
  for (let i = 0; i + 1 < n; i++) consider(i);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const { at, left, right, id } = top;
    const after = next[at] as number;
    if (symbol[at] !== left || after < 0 || symbol[after] !== right) continue; // merged with others meanwhile
    onMerge?.(left, right, id);
    symbol[at] = id;
    symbol[after] = -1;
    next[at] = next[after] as number;
    if ((next[at] as number) >= 0) previous[next[at] as number] = at;
    if ((previous[at] as number) >= 0) consider(previous[at] as number);
    consider(at);
  }
  return symbol.filter((id) => id >= 0);
}
