/**
 * The commonest words of running text, everything else `<unk>`. A word is a piece (`pieces.ts`),
 * with the space before it, so decoding gives back each text whose pieces are all known.
 *
 * Saved as a Hugging Face `tokenizer.json` of model type WordLevel.
 */
import { InputError } from "../../errors.ts";
import { piecePattern, piecesOf } from "./pieces.ts";
import { specialTokens, type Tokenizer, unknownToken } from "./tokenizer.ts";
import { createVocabulary, requireWellFormed } from "./vocabulary.ts";
import { splitBy, splitWordLevel } from "./word-level.ts";

export const pieceSplit = splitBy(piecePattern);

/**
 * `<bos>`, `<mask>`, `<unk>`, then the commonest pieces, those of equal counts in the order of
 * their texts; `vocabSize` in all.
 */
export function wordVocabulary(counts: ReadonlyMap<string, number>, vocabSize: number): string[] {
  const special: string[] = [specialTokens.bos, specialTokens.mask, unknownToken];
  const byCount = [...counts]
    .filter(([piece]) => !special.includes(piece))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([piece]) => piece);
  return [...special, ...byCount.slice(0, Math.max(0, vocabSize - special.length))];
}

/**
 * A tokenizer whose ids are the places of the pieces in `tokens`.
 * @throws InputError when one occurs twice or `<unk>` is missing.
 */
export function pieceWordsTokenizer(tokens: readonly string[]): Tokenizer {
  const { ids, special, token } = createVocabulary(tokens);
  const unk = ids.get(unknownToken);
  if (unk === undefined) {
    throw new InputError(`tokenizer: the words of a text need ${unknownToken}; add it to the vocabulary`);
  }
  return {
    kind: "words",
    vocabSize: tokens.length,
    ...special,
    unk,
    encode: (text) => piecesOf(requireWellFormed(text)).map((piece) => ids.get(piece) ?? unk),
    unknown: (text) => piecesOf(text).filter((piece) => !ids.has(piece)),
    decode: (list) => list.map(token).join(""),
    token,
    toJSON: () => splitWordLevel(tokens, piecePattern),
  };
}
