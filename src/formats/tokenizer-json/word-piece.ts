/** WordPiece (Schuster and Nakajima 2012) as BERT has it: the longest token that a word begins with, and again. */
import { z } from "zod";
import { maker } from "./component.ts";
import { idsOf, type TokenModel, unknownId, vocabField } from "./vocabulary.ts";

const fields = {
  unk_token: z.string().default("[UNK]"),
  continuing_subword_prefix: z.string().max(100).default("##"),
  /** Longer words are unknown; the time for a word grows with the square of its length. */
  max_input_chars_per_word: z.int().min(0).max(1000).default(100),
  vocab: vocabField,
};

export const wordPieceModel = maker(fields, (given, where): TokenModel => {
  const ids = idsOf(given.vocab, `${where}.vocab`);
  const { continuing_subword_prefix: prefix, max_input_chars_per_word: most } = given;
  const unk = ids.get(given.unk_token);
  const known = (word: string): number[] | undefined => {
    const characters = [...word];
    if (characters.length > most) return undefined;
    const found: number[] = [];
    let rest = word;
    let start = 0;
    while (start < characters.length) {
      let end = characters.length;
      let part = rest;
      const lead = start === 0 ? "" : prefix;
      while (end > start && !ids.has(lead + part)) {
        end--;
        part = part.slice(0, part.length - (characters[end] as string).length);
      }
      if (end === start) return undefined;
      found.push(ids.get(lead + part) as number);
      rest = rest.slice(part.length);
      start = end;
    }
    return found;
  };
  return { ids, unk, encode: (word) => known(word) ?? [unknownId(unk, word, where)] };
});
