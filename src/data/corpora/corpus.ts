/** A text of the user's own that a file defines: what it is, where it comes from, and its parts. */

/** Texts, one after another; each becomes a file of the cache, so that they need not fit in memory together. */
export type Texts = Iterable<string> | AsyncIterable<string>;

export interface CorpusParts {
  readonly train: Texts;
  /** What training never sees; the last tenth of `train` where left out. */
  readonly heldout?: Texts;
}

export interface CorpusDefinition {
  /** The name in a preset's `data.corpus`. */
  readonly name: string;
  /** Under which the text may be used, such as "public domain". */
  readonly licence: string;
  /** Where the text comes from. */
  readonly source: string;
  /** Makes or fetches the texts. Called once: what it gives is kept under the hash of the file that defines it. */
  parts(): CorpusParts | Promise<CorpusParts>;
}

/** Types a corpus; `data.corpus` names it. What is wrong with one is found where it is loaded. */
export function defineCorpus(corpus: CorpusDefinition): CorpusDefinition {
  return corpus;
}
