/** Where the tokens of a probed context stand. */
import { contiguous, type Scheme } from "../model/positions.ts";
import { createRng, type Rng } from "../tensor/rng.ts";

/** The scheme that places the tokens of a context, and the seed of what it draws. */
export interface Placing {
  readonly scheme: Scheme;
  /** Of the draws of `randomized`. */
  readonly seed: number;
}

/**
 * The scheme, and a generator for its draws that depends on the seed, the length and the draw's number alone.
 */
export function placed(
  { scheme, seed }: Placing = { scheme: contiguous, seed: 0 },
  T: number,
  draw: number,
): [Scheme, Rng] {
  return [scheme, createRng(seed, `positions/${T}/${draw}`)];
}
