/** Learns a tokenizer from a text. */
import type { TextConfig } from "../../../data/text.ts";
import { bytePairTokenizer } from "../../../data/tokenizers/byte-pairs.ts";
import { charactersTokenizer, characterVocabulary } from "../../../data/tokenizers/characters.ts";
import { gpt2Compactor } from "../../../data/tokenizers/gpt2.ts";
import { PieceCounts } from "../../../data/tokenizers/piece-counts.ts";
import { pieceWordsTokenizer, wordVocabulary } from "../../../data/tokenizers/piece-words.ts";
import { piecesOf, wholeWords } from "../../../data/tokenizers/pieces.ts";
import type { Tokenizer } from "../../../data/tokenizers/tokenizer.ts";
import { bytePairTraining } from "../../../data/tokenizers/train-bpe.ts";
import type { SplitParts } from "./parts.ts";
import { readText, type TextPart } from "./read.ts";
import { turns } from "./turns.ts";
import { showReading, type Watch } from "./watch.ts";

/** How the learning is watched, and who hears what could not be counted. */
interface Learning extends Watch {
  readonly tell?: ((text: string) => void) | undefined;
  /** Room for so many different words of usual length; that of `PieceCounts` when left out. */
  readonly room?: number | undefined;
}

/**
 * "words" and "bpe" learn from the training part alone. "characters" and "gpt2" only list what
 * occurs, in both parts: else what occurs once, in the held-out part, could not be encoded.
 */
export async function learnTokenizer(
  parts: SplitParts,
  kind: TextConfig["tokenizer"],
  vocabSize: number,
  learning: Learning = {},
): Promise<Tokenizer> {
  const all = [...parts.train, ...parts.heldout];
  switch (kind) {
    case "characters": {
      const characters = new Set<string>();
      await eachText(all, learning, (text) => {
        for (const character of text) characters.add(character);
      });
      return charactersTokenizer(characterVocabulary(characters));
    }
    case "words":
      return pieceWordsTokenizer(await commonest(parts.train, vocabSize, learning));
    case "bpe":
      return bytePairTokenizer(await bytePairs(parts.train, vocabSize, learning));
    case "gpt2": {
      const { default: ranks } = await import("gpt-tokenizer/bpeRanks/r50k_base"); // a megabyte, for this one alone
      const compactor = gpt2Compactor(ranks);
      await eachText(all, learning, (text) => piecesOf(text).forEach(compactor.add));
      return bytePairTokenizer(compactor.result());
    }
  }
}

/**
 * A vocabulary of words. Those that were forgotten while others were counted are too rare for it,
 * or it is said.
 */
async function commonest(
  parts: readonly TextPart[],
  vocabSize: number,
  learning: Learning,
): Promise<string[]> {
  const counted = await count(parts, learning);
  const { counts, lacking } = counted;
  if (lacking === 0) return wordVocabulary(counts, vocabSize);
  for (const piece of counts.keys()) counts.set(piece, 0); // what is there is counted again, from the beginning
  await eachText(parts, learning, (text) => {
    for (const piece of piecesOf(text)) {
      const before = counts.get(piece);
      if (before !== undefined) counts.set(piece, before + 1);
    }
  });
  const words = wordVocabulary(counts, vocabSize);
  const rarest = Math.min(...words.map((word) => counts.get(word) ?? Number.POSITIVE_INFINITY));
  if (words.length < vocabSize || rarest <= lacking) learning.tell?.(forgotten(counted, "words are chosen"));
  return words;
}

async function bytePairs(parts: readonly TextPart[], vocabSize: number, learning: Learning) {
  const counted = await count(parts, learning);
  if (counted.lacking > 0) learning.tell?.(forgotten(counted, "byte pairs are learned"));
  const turn = turns(learning.signal);
  const show = learning.show?.("merging byte pairs", vocabSize, "tokens");
  const training = bytePairTraining(counted.counts, vocabSize);
  for (;;) {
    const { done, value } = training.next();
    show?.(done ? vocabSize : value);
    if (done) return value;
    await turn();
  }
}

function forgotten({ forgottenShare, lacking }: PieceCounts, what: string): string {
  const percent = (100 * forgottenShare).toPrecision(2);
  return `data: more different words than are counted at once: ${what} without ${percent} % of the text, words that occur ${lacking} times or less`;
}

async function count(parts: readonly TextPart[], learning: Learning): Promise<PieceCounts> {
  const counted = new PieceCounts(learning.room);
  await eachText(parts, learning, (text) => counted.add(text));
  return counted;
}

async function eachText(
  parts: readonly TextPart[],
  watch: Watch,
  take: (text: string) => void,
): Promise<void> {
  const turn = turns(watch.signal);
  const onBytes = showReading(watch, "learning the tokenizer", parts);
  for (const part of parts) {
    for (const text of wholeWords(readText(part, onBytes))) {
      take(text);
      await turn();
    }
  }
}
