/** Permutations with a given number of inversions, for shuffles stratified by how much order they destroy. */
import type { Rng } from "../tensor/rng.ts";

/**
 * A permutation of 0 … n−1 with exactly `inversions` pairs out of order, drawn by its Lehmer code: digit i counts the later
 * entries that are smaller, lies in [0, n−1−i], and the digits sum to the inversions (Knuth, TAOCP 3, section 5.1.1).
 */
export function permutationWith(n: number, inversions: number, rng: Rng): number[] {
  let rest = inversions;
  const left = Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: n }, (_, i) => {
    const room = n - 1 - i; // the largest digit here; those after it sum to at most room·(room − 1)/2
    const low = Math.max(0, rest - (room * (room - 1)) / 2);
    const digit = low + rng.integer(Math.min(room, rest) - low + 1);
    rest -= digit;
    return left.splice(digit, 1)[0] as number;
  });
}

/** Pairs of n things: the most inversions that a permutation has. */
export const pairsOf = (n: number): number => (n * (n - 1)) / 2;
