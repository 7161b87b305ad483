/** Learns a tokenizer from a text. */
import type { TextConfig } from "../../data/text.ts";
import { bytePairTokenizer } from "../../data/tokenizers/byte-pairs.ts";
import { charactersTokenizer, characterVocabulary } from "../../data/tokenizers/characters.ts";
import { compactGpt2 } from "../../data/tokenizers/gpt2.ts";
import { pieceWordsTokenizer, wordVocabulary } from "../../data/tokenizers/piece-words.ts";
import { addPieces, forgetRarest, wholeWords } from "../../data/tokenizers/pieces.ts";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { trainBytePairs } from "../../data/tokenizers/train-bpe.ts";
import type { SplitParts } from "./parts.ts";
import { readText, type TextPart } from "./read.ts";

/** Words and pairs are counted in this many characters of a text, which bounds what is held in memory. */
const COUNTED_CHARACTERS = 2 ** 28;
/** More different words than a text of that length has in any language; a file of numbers may have more. */
const MOST_PIECES = 2 ** 20;

/**
 * "words" and "bpe" learn from the training part alone. "characters" and "gpt2" only list what occurs, in both parts: else what
 * occurs once, in the held-out part, could not be encoded.
 */
export async function learnTokenizer(
  parts: SplitParts,
  kind: TextConfig["tokenizer"],
  vocabSize: number,
  signal?: AbortSignal,
): Promise<Tokenizer> {
  const all = [...parts.train, ...parts.heldout];
  switch (kind) {
    case "characters": {
      const characters = new Set<string>();
      await eachText(all, signal, (text) => {
        for (const character of text) characters.add(character);
      });
      return charactersTokenizer(characterVocabulary(characters));
    }
    case "words":
      return pieceWordsTokenizer(wordVocabulary(await counted(parts.train, signal), vocabSize));
    case "bpe":
      return bytePairTokenizer(trainBytePairs(await counted(parts.train, signal), vocabSize));
    case "gpt2": {
      const { default: ranks } = await import("gpt-tokenizer/bpeRanks/r50k_base"); // a megabyte, for this one alone
      return bytePairTokenizer(compactGpt2(ranks, (await counted(all, signal)).keys()));
    }
  }
}

async function counted(
  parts: readonly TextPart[],
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let read = 0;
  await eachText(parts, signal, (text) => {
    if (read < COUNTED_CHARACTERS) forgetRarest(addPieces(counts, text), MOST_PIECES);
    read += text.length;
  });
  return counts;
}

async function eachText(
  parts: readonly TextPart[],
  signal: AbortSignal | undefined,
  take: (text: string) => void,
): Promise<void> {
  for (const part of parts) {
    for (const text of wholeWords(readText(part))) {
      take(text);
      await new Promise<void>((resolve) => setImmediate(resolve)); // signals have their turn
      signal?.throwIfAborted();
    }
  }
}
