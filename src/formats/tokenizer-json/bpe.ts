/**
 * Byte-pair encoding (Sennrich et al. 2016) as Hugging Face's library runs it: characters, of which
 * those that are no token become bytes or the unknown token, merged pair by pair.
 */
import { z } from "zod";
import { type Merge, mergePiece } from "../../data/tokenizers/merge.ts";
import { ownText } from "../../data/tokenizers/pieces.ts";
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";
import { maker } from "./component.ts";
import {
  asBytes,
  byteIds,
  type Ids,
  idsOf,
  MOST_ID,
  type TokenModel,
  unknownId,
  vocabField,
} from "./vocabulary.ts";

/** Pieces whose ids are remembered, and how long they are at most. */
const MOST_REMEMBERED = 2 ** 16;
const LONGEST_REMEMBERED = 64;

const affix = z.string().max(100).nullish();

const fields = {
  /** Drops merges by chance in training; then ids are no function of the text. */
  dropout: z.literal(0).nullish(),
  unk_token: z.string().nullish(),
  continuing_subword_prefix: affix,
  end_of_word_suffix: affix,
  fuse_unk: z.boolean().default(false),
  byte_fallback: z.boolean().default(false),
  ignore_merges: z.boolean().default(false),
  vocab: vocabField,
  merges: z.array(z.union([z.tuple([z.string(), z.string()]), z.string()])),
};

type Fields = z.output<z.ZodObject<typeof fields>>;

export const bytePairModel = maker(fields, (given, where): TokenModel => {
  const ids = idsOf(given.vocab, `${where}.vocab`);
  const merges = mergesOf(given, ids, where);
  const symbols = symbolsOf(given, ids, where);
  const find = (left: number, right: number) => merges.get(left * KEY + right);
  const remembered = new Map<string, readonly number[]>();
  const encode = (piece: string): readonly number[] => {
    const known = remembered.get(piece);
    if (known !== undefined) return known;
    const whole = given.ignore_merges ? ids.get(piece) : undefined;
    const merged = whole === undefined ? mergePiece(symbols(piece), find) : [whole];
    if (piece.length > LONGEST_REMEMBERED) return merged;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(ownText(piece), merged);
    return merged;
  };
  return { ids, encode, unk: ids.get(given.unk_token ?? "") };
});

const KEY = 2 * MOST_ID;

/** By two ids. @throws InputError where a merge, or what it makes, is no token */
function mergesOf(given: Fields, ids: Ids, where: string): ReadonlyMap<number, Merge> {
  const prefix = given.continuing_subword_prefix ?? "";
  const found = new Map<number, Merge>();
  given.merges.forEach((merge, rank) => {
    const parts = typeof merge === "string" ? merge.split(" ") : merge;
    const [left = "", right = ""] = parts;
    const made = left + right.slice(prefix.length);
    const [a, b, id] = [ids.get(left), ids.get(right), ids.get(made)];
    if (parts.length !== 2 || a === undefined || b === undefined || id === undefined) {
      throw new InputError(
        `${where}.merges.${rank}: ${quoted(parts.join(" "))} merges what is no token, or makes what is none`,
      );
    }
    found.set(a * KEY + b, { rank, id }); // of a pair that is listed twice, the later counts
  });
  return found;
}

/** The tokens that merging begins with. */
function symbolsOf(given: Fields, ids: Ids, where: string): (piece: string) => number[] {
  const { fuse_unk: fuses, byte_fallback } = given;
  const prefix = given.continuing_subword_prefix ?? "";
  const suffix = given.end_of_word_suffix ?? "";
  const unk = given.unk_token == null ? undefined : (ids.get(given.unk_token) ?? "missing");
  const bytes = byte_fallback ? byteIds(ids) : [];
  return (piece) => {
    const found: number[] = [];
    let waiting = false; // for the next character that is known: bytes come before what they follow
    let at = 0;
    for (const character of piece) {
      const start = at === 0 ? character : prefix + character;
      at += character.length;
      const text = at === piece.length ? start + suffix : start;
      const id = ids.get(text);
      if (id !== undefined) {
        if (waiting) found.push(unk as number);
        waiting = false;
        found.push(id);
        continue;
      }
      const own = byte_fallback ? asBytes(text, bytes) : undefined;
      if (own !== undefined) found.push(...own);
      else if (unk !== undefined) {
        if (waiting && !fuses) found.push(unk as number);
        unknownId(unk === "missing" ? undefined : unk, text, where);
        waiting = true;
      }
    }
    if (waiting) found.push(unk as number);
    return found;
  };
}
