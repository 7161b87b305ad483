/**
 * GPT-2's tokenizer, of which only what a text needs is kept: the 256 bytes, and the merges that
 * encoding the text performs. So the text's tokens are GPT-2's own, every other text can still be
 * encoded, and a tiny model carries no 50,257 rows.
 *
 * A token that is only on the way to a longer one is kept too: without it there would be no way to
 * the longer one.
 */
import type { BytePairs } from "./byte-pairs.ts";
import { spelled, spelledBytes } from "./bytes.ts";
import { type Merge, mergePiece } from "./merge.ts";
import { ownText } from "./pieces.ts";
import { specialTokens } from "./tokenizer.ts";

/**
 * GPT-2's tokens in the order of their ids, as `gpt-tokenizer` has them: text, or bytes where they
 * are no text.
 */
export type Ranks = readonly (string | readonly number[])[];

/** Pieces, and pairs of tokens, whose merges are remembered while others come. */
const mostRemembered = 2 ** 18;
const longestRemembered = 64;

const utf8 = new TextEncoder();

/** What GPT-2's tokenizer needs for the pieces of a text, which may come one by one and often. */
export interface Gpt2Compactor {
  add(piece: string): void;
  /** What is needed for all pieces so far. */
  result(): BytePairs;
}

export function gpt2Compactor(ranks: Ranks): Gpt2Compactor {
  const spellings = ranks.map((token) => (typeof token === "string" ? spelled(token) : spelledBytes(token)));
  const rankOf = new Map(spellings.map((spelling, rank) => [spelling, rank]));
  const byteIds = Array.from({ length: 256 }, (_, byte) => rankOf.get(spelledBytes([byte])) as number); // each byte is a token
  const spelling = (id: number) => spellings[id] as string;
  const key = (left: number, right: number) => left * ranks.length + right;
  const known = new Map<number, Merge | undefined>();
  const find = (left: number, right: number) => {
    const pair = key(left, right);
    if (known.has(pair)) return known.get(pair);
    const rank = rankOf.get(spelling(left) + spelling(right));
    const merge = rank === undefined ? undefined : { rank, id: rank };
    if (known.size >= mostRemembered) known.clear();
    known.set(pair, merge);
    return merge;
  };
  const merges = new Map<number, readonly [left: number, right: number, id: number]>();
  const seen = new Set<string>();
  return {
    add(piece) {
      if (seen.has(piece)) return;
      if (seen.size >= mostRemembered) seen.clear();
      if (piece.length <= longestRemembered) seen.add(ownText(piece));
      const bytes = Array.from(utf8.encode(piece), (byte) => byteIds[byte] as number);
      mergePiece(bytes, find, (left, right, id) => merges.set(key(left, right), [left, right, id]));
    },
    result() {
      const used = [...merges.values()].sort(([a, b, id], [c, d, other]) => id - other || a - c || b - d);
      const kept = new Set([...byteIds, ...used.map(([, , id]) => id)]);
      return {
        tokens: [specialTokens.bos, specialTokens.mask, ...[...kept].sort((a, b) => a - b).map(spelling)],
        merges: used.map(([left, right]) => [spelling(left), spelling(right)]),
      };
    },
  };
}

/**
 * @param pieces every piece of the text, once or more often
 */
export function compactGpt2(ranks: Ranks, pieces: Iterable<string>): BytePairs {
  const compactor = gpt2Compactor(ranks);
  for (const piece of pieces) compactor.add(piece);
  return compactor.result();
}
