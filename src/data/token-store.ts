/**
 * Tokens that lie somewhere, and the windows that they are cut into: evenly over all places, the
 * same for every seed.
 */
import { InputError } from "../errors.ts";
import { quantity } from "../quantity.ts";
import { type Batch, batchOf } from "./batches.ts";
import type { Windows } from "./material.ts";

/** The tokens of one split, wherever they are. */
export interface TokenStore {
  /** Tokens in all. */
  readonly length: number;
  /** Unicode characters that they stand for. */
  readonly characters: number;
  /** What `<unk>` stands for in it: pieces of text, and their characters. */
  readonly unknown?: { readonly pieces: number; readonly characters: number };
  /** Windows of `count` tokens from each start, one after another, (starts·count). */
  windows(starts: readonly number[], count: number): Int32Array;
}

/**
 * Windows of tokens that no kind of data holds, such as those of a user's file.
 *
 * @param name for tables and messages
 * @param opening a token that opens each window
 * @example
 * const windows = windowsOf(memoryStore(Int32Array.of(5, 6, 7, 8), 4), "mine.txt");
 * const { tokens, targets } = windows.window(0, 1, 3); // (B,L) = (1,3)
 * assert.deepEqual([[...tokens], [...targets]], [[5, 6, 7], [6, 7, 8]]);
 */
export function windowsOf(store: TokenStore, name: string, opening?: number): Windows {
  return {
    split: name,
    seed: 0,
    window: (index, size, length) =>
      spreadOver(cutWindows(store, name, length, opening), index, size, length),
  };
}

/** Batch `index` of windows in a fixed order that lies evenly over all places. */
export function spreadOver({ grid, places, at }: Cut, index: number, size: number, length: number): Batch {
  const starts = Array.from({ length: size }, (_, row) => gridStart(index * size + row, grid, length));
  return at(starts.map((start) => Math.min(start, places - 1)));
}

/** The windows of one length that a store can be cut into. */
export interface Cut {
  /** Places at which a window can begin. */
  readonly places: number;
  /** Windows side by side that make the whole split. */
  readonly grid: number;
  /**
   * The batch of the windows that begin at these places; with an opening token, that and L tokens
   * of the text.
   */
  at(starts: readonly number[]): Batch;
}

/** @throws InputError where the store is shorter than a window */
export function cutWindows(
  store: TokenStore,
  split: string,
  length: number,
  opening: number | undefined,
): Cut {
  const count = opening === undefined ? length + 1 : length;
  const places = store.length - count + 1;
  if (places < 1) {
    throw new InputError(
      `data: the ${split} part of the text has ${quantity(store.length, "token")}, fewer than a window of ${count}; give more text, or ask for shorter contexts (model.context of a training, --with length.factor=1 of a probe)`,
    );
  }
  const at = (starts: readonly number[]) => {
    const found = store.windows(starts, count);
    if (opening === undefined) return batchOf(found, starts.length, length);
    const windows = new Int32Array(starts.length * (length + 1)).fill(opening); // (B,L+1)
    for (let row = 0; row < starts.length; row++) {
      windows.set(found.subarray(row * count, (row + 1) * count), row * (length + 1) + 1);
    }
    return batchOf(windows, starts.length, length);
  };
  return { places, grid: Math.floor((places - 1) / length) + 1, at };
}

/**
 * Where window k of a fixed order begins: any first n of them lie evenly over the split, and the
 * first `grid` are all that lie side by side, each once; those that follow lie between them.
 */
function gridStart(k: number, grid: number, length: number): number {
  const round = Math.floor(k / grid);
  const shift = Math.floor(((round * GOLDEN) % 1) * length);
  return ((k * strideOf(grid)) % grid) * length + shift;
}

/**
 * Multiples of it fill the unit interval evenly (Weyl 1916; Knuth, The Art of Computer Programming
 * 3, section 6.4).
 */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The number nearest to golden · n that has no divisor in common with n, so that its multiples are
 * all places.
 */
function strideOf(n: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const golden = Math.round(GOLDEN * n);
  for (let away = 0; away < n; away++) {
    for (const stride of [golden - away, golden + away])
      if (stride > 0 && divisor(stride, n) === 1) return stride;
  }
  return 1;
}

/**
 * A store in memory.
 *
 * @example
 * const store = memoryStore(Int32Array.of(5, 6, 7, 8), 4);
 * assert.deepEqual([...store.windows([0, 1], 3)], [5, 6, 7, 6, 7, 8]);
 */
export function memoryStore(tokens: Int32Array, characters: number): TokenStore {
  return {
    length: tokens.length,
    characters,
    windows(starts, count) {
      const windows = new Int32Array(starts.length * count);
      starts.forEach((start, row) => {
        windows.set(tokens.subarray(start, start + count), row * count);
      });
      return windows;
    },
  };
}
