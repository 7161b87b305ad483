/**
 * GPT-2's tokenizer, of which only what a text needs is kept: the 256 bytes, and the merges that encoding the text performs. So
 * the text's tokens are GPT-2's own, every other text can still be encoded, and a tiny model carries no 50,257 rows.
 *
 * A token that is only on the way to a longer one is kept too: without it there would be no way to the longer one.
 */
import type { BytePairs } from "./byte-pairs.ts";
import { spelled, spelledBytes } from "./bytes.ts";
import { mergePiece } from "./merge.ts";
import { specialTokens } from "./tokenizer.ts";

/** GPT-2's tokens in the order of their ids, as `gpt-tokenizer` has them: text, or bytes where they are no text. */
export type Ranks = readonly (string | readonly number[])[];

/**
 * @param pieces every piece of the text, once or more often
 */
export function compactGpt2(ranks: Ranks, pieces: Iterable<string>): BytePairs {
  const spellings = ranks.map((token) => (typeof token === "string" ? spelled(token) : spelledBytes(token)));
  const rankOf = new Map(spellings.map((spelling, rank) => [spelling, rank]));
  const find = (left: number, right: number) => {
    const rank = rankOf.get(`${spellings[left]}${spellings[right]}`);
    return rank === undefined ? undefined : { rank, id: rank };
  };
  const merges = new Map<string, readonly [left: number, right: number, id: number]>();
  for (const piece of pieces) {
    const bytes = Array.from(spelled(piece), (character) => rankOf.get(character) as number); // each byte is a token
    mergePiece(bytes, find, (left, right, id) => merges.set(`${left} ${right}`, [left, right, id]));
  }
  const used = [...merges.values()].sort(([a, b, id], [c, d, other]) => id - other || a - c || b - d);
  const kept = new Set<number>();
  for (let byte = 0; byte < 256; byte++) kept.add(rankOf.get(spelledBytes([byte])) as number);
  for (const [, , id] of used) kept.add(id);
  const spelling = (id: number) => spellings[id] as string;
  return {
    tokens: [specialTokens.bos, specialTokens.mask, ...[...kept].sort((a, b) => a - b).map(spelling)],
    merges: used.map(([left, right]) => [spelling(left), spelling(right)]),
  };
}
