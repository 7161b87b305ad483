/** Permutations that keep runs of tokens together, and what is read off the curve of their cost. */
import { type Rng, shuffled } from "../tensor/rng.ts";

/**
 * Blocks of `size` tokens in another order than they were: never the same one, where there are two
 * or more. Blocks are counted from the end, so that a short one stands first.
 */
export function shuffledBlocks(tokens: readonly number[], size: number, rng: Rng): number[] {
  const short = tokens.length % size;
  const starts = Array.from({ length: Math.floor(tokens.length / size) }, (_, i) => short + i * size);
  const blocks = (short > 0 ? [0, ...starts] : starts).map((start) =>
    tokens.slice(start, start === 0 && short > 0 ? short : start + size),
  );
  if (blocks.length < 2) return [...tokens];
  const order = blocks.map((_, i) => i);
  let moved = shuffled(order, rng);
  while (moved.every((from, to) => from === to)) moved = shuffled(order, rng);
  return moved.flatMap((i) => blocks[i] as number[]);
}

/** 1, 2, 4, … below the number of tokens. */
export const blockSizes = (tokens: number): number[] =>
  Array.from({ length: Math.ceil(Math.log2(tokens)) }, (_, i) => 2 ** i);

/**
 * The block size at which half of the first cost is left, interpolated over log₂ of the size.
 *
 * @param curve costs by block size, the first above zero and the last at most half of it
 */
export function halfwaySize(curve: readonly { readonly size: number; readonly cost: number }[]): number {
  const half = (curve[0]?.cost as number) / 2;
  const at = curve.findIndex(({ cost }) => cost <= half);
  const [before, after] = [curve[at - 1], curve[at]];
  if (before === undefined || after === undefined)
    throw new RangeError("halfwaySize: the curve never falls to half of its first cost; end it at cost 0");
  const share = (before.cost - half) / (before.cost - after.cost);
  return before.size * (after.size / before.size) ** share;
}
