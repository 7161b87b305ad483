/** Every tokenizer of running text, made of one small text. */
import ranks from "gpt-tokenizer/bpeRanks/r50k_base";
import { bytePairTokenizer } from "../../src/data/tokenizers/byte-pairs.ts";
import { charactersTokenizer, characterVocabulary } from "../../src/data/tokenizers/characters.ts";
import { compactGpt2 } from "../../src/data/tokenizers/gpt2.ts";
import { pieceWordsTokenizer, wordVocabulary } from "../../src/data/tokenizers/piece-words.ts";
import { countPieces } from "../../src/data/tokenizers/pieces.ts";
import type { Tokenizer } from "../../src/data/tokenizers/tokenizer.ts";
import { trainBytePairs } from "../../src/data/tokenizers/train-bpe.ts";

export function tokenizersOf(text: string): Record<"characters" | "words" | "bpe" | "gpt2", Tokenizer> {
  const counts = countPieces(text);
  return {
    characters: charactersTokenizer(characterVocabulary(text)),
    words: pieceWordsTokenizer(wordVocabulary(counts, 200)),
    bpe: bytePairTokenizer(trainBytePairs(counts, 400)),
    gpt2: bytePairTokenizer(compactGpt2(ranks, counts.keys())),
  };
}
