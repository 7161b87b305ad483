/**
 * What probes ask about, wherever it comes from: a kind of data offers what it can, and a file of
 * the user's offers it to any model.
 */
import type { Rng } from "../tensor/rng.ts";
import type { Batch } from "./batches.ts";
import type { Split } from "./splits.ts";

/** Two orders of the same tokens, and what should follow the first. */
export interface OrderPair {
  /** Up to the token after which the model answers. */
  readonly context: readonly number[];
  /** The same tokens in another order, after which `answer` is not right. */
  readonly swapped: readonly number[];
  /** The token that should follow `context`. */
  readonly answer: number;
  /**
   * What it tells of. Pairs of one topic succeed or fail together, so that errors are over topics;
   * left out, it has its own.
   */
  readonly topic?: string | undefined;
}

/** Pairs of orders, by split. */
export interface Pairs {
  /** Tokens at the beginning, such as `<bos>`, that no shuffle moves. */
  readonly fixed: number;
  /** The first is the one that probes judge by. */
  readonly splits: readonly string[];
  /** All pairs of a split, in an order that the source fixes; shuffle before taking a part. */
  of(split: string): readonly OrderPair[];
}

/** A sentence that is grammatical and one that is not, as BLiMP has them (Warstadt et al. 2020). */
export interface MinimalPair {
  readonly good: readonly number[];
  readonly bad: readonly number[];
  /** What the two differ in, BLiMP's UID. */
  readonly paradigm?: string | undefined;
}

/** Two sentences each, of which a model should find the good one likelier. */
export interface MinimalPairs {
  /** What they are, for tables: "file". */
  readonly split: string;
  /** Tokens at the beginning of each sentence, such as `<bos>`, that are no part of it. */
  readonly fixed: number;
  readonly pairs: readonly MinimalPair[];
}

/** Running tokens, in windows of any length. */
export interface Windows {
  /** What they are, for tables: "heldout", or the name of a file. */
  readonly split: string;
  /** Of the random numbers that hide tokens of them. */
  readonly seed: number;
  /**
   * Windows `index`·B … of one length, (B,L): the same for the same arguments. @throws InputError
   * where there are too few tokens.
   */
  window(index: number, size: number, length: number): Batch;
}

/** A question with an answer, as tokens. */
export interface Problem {
  readonly tokens: readonly number[];
  /** Index of the first token of the answer; the answer goes on to the last. */
  readonly answerAt: number;
  /** Where the item lies that answers, 0 first, 1 last; of problems that look one up. */
  readonly depth?: number | undefined;
}

/** Problems of any size. */
export interface Problems {
  /** What a size counts. */
  readonly unit: "items" | "tokens";
  /** The smallest size of which some problems are held out. */
  readonly least: number;
  /**
   * The largest size whose problems stand at `context` positions or fewer. @throws InputError where
   * none fits.
   */
  longest(context: number): number;
  /** Positions that a problem of size n takes at most: its tokens but the last, which is only a target. */
  positions(n: number): number;
  /** A problem of size n, of a split or, left out, of all that are longer than was trained. */
  problem(n: number, rng: Rng, split?: Split): Problem;
  /** Problems as a batch of `length` positions, (B,L): the rest is padding, and only answers have weight. */
  batchOf(problems: readonly Problem[], length: number): Batch;
  /** How often the best guess is right that knows n and nothing of the question. */
  chance(n: number): number;
  /**
   * How often the best guess is right that knows all words of a problem but not their order;
   * undefined where that is not known.
   */
  orderBlind?(n: number): number | undefined;
}

/** All that there may be. */
export interface Material {
  readonly pairs?: Pairs | undefined;
  readonly minimal?: MinimalPairs | undefined;
  readonly windows?: Windows | undefined;
  readonly problems?: Problems | undefined;
}
