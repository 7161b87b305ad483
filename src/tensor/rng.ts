/**
 * Named streams of random numbers.
 *
 * One seed, many streams: each consumer draws from a stream named after it, so adding a consumer
 * never moves the numbers of another. A parameter's initial values come from the stream of its
 * name: models that differ in their encoding share all other weights. A stream's state is plain
 * data, so that interrupted work goes on with the same bits.
 *
 * Generator: xoroshiro128+ of `pure-rand`. The 128 bits that start a stream are a hash of the seed
 * and the stream's name.
 */
import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { z } from "zod";

/** A stream of random numbers. */
export interface Rng {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** A whole number in [0, below), each equally likely. */
  integer(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** The state to hand to `restoreRng`. */
  state(): number[];
}

/** A seed of random numbers that are not a run's. */
export const anySeed = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);

/**
 * The stream `name` of `seed`: the same two always give the same numbers.
 *
 * @example
 * assert.equal(createRng(1, "a").uniform(), createRng(1, "a").uniform());
 */
export function createRng(seed: number, name: string): Rng {
  return restoreRng(hash128(`${seed}/${name}`));
}

/** The stream whose `state()` was saved. */
export function restoreRng(state: readonly number[]): Rng {
  const source = xoroshiro128plusFromState(state);
  const uniform = () => uniformFloat32(source);
  return {
    uniform,
    integer: (below) => uniformInt(source, 0, below - 1),
    // Box-Muller, one of its two values: keeping the other would be state outside the generator. 1
    // − u is in (0, 1].
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    state: () => [...source.getState()],
  };
}

/**
 * A shuffled copy of `items` (Fisher-Yates).
 *
 * @example
 * assert.deepEqual(shuffled([1, 2, 3], createRng(1, "a")).sort(), [1, 2, 3]);
 */
export function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

/**
 * Four 32-bit words that depend on every character: four FNV-1a sums from different offsets, each
 * mixed by MurmurHash3's finalizer.
 */
function hash128(text: string): number[] {
  return [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((offset) => {
    let h = offset;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  });
}
