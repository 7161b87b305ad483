/** From a piece to ids. */
import { z } from "zod";
import { bytePairModel } from "./bpe.ts";
import { componentOf, type Maker, maker } from "./component.ts";
import { unigramModel } from "./unigram.ts";
import { idsOf, type TokenModel, unknownId, vocabField } from "./vocabulary.ts";
import { wordPieceModel } from "./word-piece.ts";

const wordLevelModel = maker({ vocab: vocabField, unk_token: z.string() }, (given, where): TokenModel => {
  const ids = idsOf(given.vocab, `${where}.vocab`);
  const unk = ids.get(given.unk_token);
  return { ids, unk, encode: (word) => [ids.get(word) ?? unknownId(unk, word, where)] };
});

const makers: Readonly<Record<string, Maker<TokenModel>>> = {
  BPE: bytePairModel,
  WordPiece: wordPieceModel,
  Unigram: unigramModel,
  WordLevel: wordLevelModel,
};

/** @throws InputError for a type or a field that is not known, or a vocabulary that contradicts itself */
export function modelOf(json: unknown, where: string): TokenModel {
  return componentOf(makers, json, where);
}
