/**
 * Opens the data of a preset: worlds and tasks are generated, texts are fetched, encoded once and
 * read from disk.
 */
import { listedCorpora } from "../../data/corpora/listed.ts";
import { type AnyData, type DataConfig, openTask, openWho } from "../../data/index.ts";
import { createText, type TextConfig } from "../../data/text.ts";
import { InputError } from "../../errors.ts";
import type { Own } from "./own/index.ts";
import { ownCorpusParts } from "./text/corpus.ts";
import { identifyText } from "./text/fingerprint.ts";
import { listedCorpus } from "./text/listed-corpus.ts";
import { corpusOf } from "./text/manifest.ts";
import { type SplitParts, splitParts } from "./text/parts.ts";
import { dataCache, type PreparedText, type PrepareOptions, prepareText } from "./text/prepare.ts";
import { withCache } from "./text/without-cache.ts";

/** How data is opened. */
export interface OpenOptions extends PrepareOptions {
  /** A task or a corpus that is not listed. */
  readonly own?: Partial<Own> | undefined;
}

/**
 * The same config, seed and text give the same data.
 * @throws InputError where a text cannot be had, is not UTF-8, or cannot be encoded.
 * @example
 * const data = await openData({ kind: "task", task: "copy", bos: true }, 1);
 * assert.equal(data.kind, "task");
 */
export async function openData(
  config: DataConfig,
  seed: number,
  options: OpenOptions = {},
): Promise<AnyData> {
  switch (config.kind) {
    case "who":
      return openWho(config, seed);
    case "task":
      return openTask(config, seed, options.own?.known?.tasks);
    case "text":
      return createText(config, await openText(config, options), seed);
  }
}

/**
 * The tokens of a text, and what made them of it.
 * @throws InputError as `openData`.
 */
export async function openText(config: TextConfig, options: OpenOptions = {}): Promise<PreparedText> {
  const { cache, tell = () => {} } = options;
  return withCache(
    () => cache ?? dataCache(),
    tell,
    async (folder) => {
      const there = { ...options, cache: folder };
      return prepareText(await partsOf(config, there), config, there);
    },
  );
}

/** SHA-256 of a user's text as it is now; undefined for data that no file can change. */
export async function textFingerprint(config: DataConfig, signal?: AbortSignal): Promise<string | undefined> {
  if (config.kind !== "text" || config.path === undefined) return undefined;
  return (await identifyText(await splitParts(config.path, signal), { signal })).fingerprint;
}

/**
 * The files of a text that is listed or the user's own, fetched or made where they are missing.
 * @throws InputError for an unknown name, or where the text cannot be had.
 */
export async function fetchCorpus(
  corpus: string,
  { cache = dataCache(), tell = () => {}, signal, own }: OpenOptions = {},
): Promise<SplitParts> {
  if (corpus === own?.corpus?.definition.name) return ownCorpusParts(own.corpus, cache, tell, signal);
  const plain = Object.hasOwn(listedCorpora, corpus) ? listedCorpora[corpus] : undefined;
  if (plain !== undefined) return listedCorpus({ ...corpusOf(corpus), plain }, cache, tell, signal);
  throw new InputError(
    `data.corpus: "${corpus}" is not listed; give the file that defines it: --corpus FILE`,
  );
}

async function partsOf({ path, corpus }: TextConfig, options: OpenOptions): Promise<SplitParts> {
  return path === undefined
    ? fetchCorpus(corpus ?? "shakespeare", options)
    : splitParts(path, options.signal);
}
