/** Opens the data of a preset: worlds and tasks are generated, texts are fetched, encoded once and read from disk. */
import { type AnyData, type DataConfig, openTask, openWho } from "../../data/index.ts";
import { type corpora, createText, type TextConfig } from "../../data/text.ts";
import { identifyText } from "./text/fingerprint.ts";
import { type SplitParts, splitParts } from "./text/parts.ts";
import { dataCache, type PreparedText, type PrepareOptions, prepareText } from "./text/prepare.ts";
import { shakespeare } from "./text/shakespeare.ts";
import { withCache } from "./text/without-cache.ts";

/**
 * The same config, seed and text give the same data.
 * @throws InputError where a text cannot be had, is not UTF-8, or cannot be encoded.
 */
export async function openData(
  config: DataConfig,
  seed: number,
  options: PrepareOptions = {},
): Promise<AnyData> {
  switch (config.kind) {
    case "who":
      return openWho(config, seed);
    case "task":
      return openTask(config, seed);
    case "text":
      return createText(config, await openText(config, options), seed);
  }
}

/**
 * The tokens of a text, and what made them of it.
 * @throws InputError as `openData`.
 */
export async function openText(config: TextConfig, options: PrepareOptions = {}): Promise<PreparedText> {
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

/** The files of a known text, fetched where they are missing; "shakespeare" is the only one yet. */
export async function fetchCorpus(
  _corpus: (typeof corpora)[number],
  { cache = dataCache(), tell = () => {}, signal }: PrepareOptions = {},
): Promise<SplitParts> {
  return shakespeare(cache, tell, signal);
}

async function partsOf({ path, corpus }: TextConfig, options: PrepareOptions): Promise<SplitParts> {
  return path === undefined
    ? fetchCorpus(corpus ?? "shakespeare", options)
    : splitParts(path, options.signal);
}
