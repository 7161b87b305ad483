/**
 * Tasks whose answers are known, to be trained on short inputs and tested on longer ones:
 *
 *     <bos> c a b : c a b .
 *
 * A task draws problems of any number of items. Its vocabulary is the same at every length, so that
 * longer ones differ in length alone.
 */
import type { Rng } from "../../tensor/rng.ts";

/** One problem: what is shown, and what has to follow. */
export interface Example {
  readonly input: readonly string[];
  /** Without the end sign, which every task's answer is followed by. */
  readonly answer: readonly string[];
  /**
   * Where in the input the item lies that answers, from 0, the first, to 1, the last; of tasks that
   * look one up.
   */
  readonly depth?: number;
  /** What makes it another problem than the next one, where that is not its input. */
  readonly key?: string;
}

/** A task: problems of any number of items, with answers that are known. */
export interface Task {
  readonly name: string;
  readonly title: string;
  /** What of the order of its input the answer depends on. */
  readonly order: string;
  /** Words of inputs and answers. */
  readonly symbols: readonly string[];
  /** Fewest items. */
  readonly shortest: number;
  /** Fewest items of held-out problems: below, there are too few problems to spare some. */
  readonly heldOutFrom: number;
  /** Most words of an input and of an answer of n items. */
  inputLength(n: number): number;
  answerLength(n: number): number;
  /** How often the best guess of somebody who knows n, and nothing of the input, is right. */
  chance(n: number): number;
  /**
   * The best exact match of whoever sees all words of a problem but not their order: what blind
   * guessing gets. One causal layer without positions cannot beat it, nor can any number of
   * bidirectional ones. 1 where no order counts; undefined above `MOST_EXACT` items where the sum
   * over all bags would take long.
   */
  orderBlind(n: number): number | undefined;
  /** A problem of n items; each answer that `kind` tells apart is equally likely. */
  draw(n: number, rng: Rng): Example;
  /**
   * Answers that have to stay equally likely among held-out and among training problems; where
   * absent, nothing has to be done for it.
   */
  kind?(example: Example): string;
  /** Whether a problem is held out; where absent, a hash of its key says so for a fifth of them. */
  heldOut?(example: Example, n: number): boolean;
}

/**
 * Types a task: what `data.task` names, with `draw` for its problems.
 *
 * Words must be those of `symbols`; lengths are in words, shares in [0, 1]. What is wrong with one
 * is found where it is loaded.
 *
 * @example
 * const first = defineTask({
 *   name: "first-item",
 *   title: "repeat the first item",
 *   order: "which item is first",
 *   symbols: ["a", "b"],
 *   shortest: 1,
 *   heldOutFrom: 3,
 *   inputLength: (n) => n,
 *   answerLength: () => 1,
 *   chance: () => 1 / 2,
 *   orderBlind: () => undefined,
 *   draw(n, rng) {
 *     const input = Array.from({ length: n }, () => ["a", "b"][rng.integer(2)] as string);
 *     return { input, answer: input.slice(0, 1) };
 *   },
 * });
 * const data = openTask({ kind: "task", task: "first-item", bos: true }, 1, [first]);
 * assert.equal(data.problems.longest(16), 13); // <bos>, 13 items, ":", the answer
 */
export function defineTask(task: Task): Task {
  return task;
}

/**
 * The most items that the sums over bags are taken for, which grow by their cube or faster: at this
 * many, half a second.
 */
export const MOST_EXACT = 128;

/** a, b, c, … */
export const letters = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCharCode("a".charCodeAt(0) + i));

/** 0, 1, 2, … as words */
export const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

/** One of a list, each equally likely. */
export const oneOf = <T>(list: readonly T[], rng: Rng): T => list[rng.integer(list.length)] as T;

/** `n` words, each drawn on its own. */
export const several = (n: number, words: readonly string[], rng: Rng): string[] =>
  Array.from({ length: n }, () => oneOf(words, rng));
