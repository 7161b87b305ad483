/** A text of the user's own that a file defines: what it is, where it comes from, and its parts. */

/**
 * Texts, one after another; each becomes a file of the cache, so that they need not fit in memory
 * together.
 */
export type Texts = Iterable<string> | AsyncIterable<string>;

/** The texts of a corpus, by split. */
export interface CorpusParts {
  readonly train: Texts;
  /** What training never sees; the last tenth of `train` where left out. */
  readonly heldout?: Texts;
}

/** A corpus: what `defineCorpus` takes and a file given by `--corpus` exports. */
export interface CorpusDefinition {
  /** The name in a preset's `data.corpus`. */
  readonly name: string;
  /** Under which the text may be used, such as "public domain". */
  readonly licence: string;
  /** Where the text comes from. */
  readonly source: string;
  /**
   * Makes or fetches the texts. Called once: what it gives is kept under the hash of the file that
   * defines it.
   */
  parts(): CorpusParts | Promise<CorpusParts>;
}

/**
 * Types a corpus; `data.corpus` names it. What is wrong with one is found where it is loaded.
 *
 * @example
 * const rhymes = defineCorpus({
 *   name: "rhymes",
 *   licence: "public domain",
 *   source: "Mother Goose, 1881",
 *   parts: () => ({ train: ["Jack and Jill went up the hill"], heldout: ["Mary, Mary, quite contrary"] }),
 * });
 * assert.equal(rhymes.name, "rhymes");
 */
export function defineCorpus(corpus: CorpusDefinition): CorpusDefinition {
  return corpus;
}
