/**
 * Unigram (Kudo 2018): of all ways to cut a piece into tokens, the one of the highest sum of scores,
 * found by dynamic programming (Viterbi). A character that is no token counts as the unknown one, 10
 * below the lowest score; neighbours of these are one token, or their bytes where those are tokens.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { maker } from "./component.ts";
import { type Trie, trieOf, UNITS } from "./trie.ts";
import { asBytes, byteIds, MOST_ID, type TokenModel, unknownId } from "./vocabulary.ts";

const UNKNOWN_PENALTY = 10;

const fields = {
  unk_id: z.int().min(0).nullish(),
  vocab: z
    .array(z.tuple([z.string(), z.number()]))
    .min(1)
    .max(MOST_ID),
  byte_fallback: z.boolean().default(false),
};

export const unigramModel = maker(fields, (given, where): TokenModel => {
  const { vocab, byte_fallback } = given;
  const unk = given.unk_id ?? undefined;
  if (unk !== undefined && unk >= vocab.length)
    throw new InputError(`${where}.unk_id: ${unk} is outside the vocabulary of ${vocab.length}`);
  const ids = new Map(vocab.map(([token], id) => [token, id]));
  const scores = Float64Array.from(vocab, ([, score]) => score);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score)) - UNKNOWN_PENALTY;
  const trie = trieOf(ids, where);
  const bytes = byte_fallback ? byteIds(ids) : [];
  const idOf = (text: string) => ids.get(text);
  return {
    ids,
    unk,
    encode(piece) {
      const cuts = bestCuts(piece, trie, scores, { unknownScore, unk, where });
      return cuts.flatMap((text) => {
        const id = idOf(text);
        if (id !== undefined) return [id];
        return (byte_fallback ? asBytes(text, bytes) : undefined) ?? [unknownId(unk, text, where)];
      });
    },
  };
});

interface Unknown {
  readonly unknownScore: number;
  readonly unk: number | undefined;
  readonly where: string;
}

/** The texts of the best cut, in order; unknown neighbours are one. */
function bestCuts(piece: string, trie: Trie, scores: Float64Array, unknown: Unknown): string[] {
  const n = piece.length;
  const best = new Float64Array(n + 1);
  const from = new Int32Array(n + 1).fill(-1);
  const token = new Int32Array(n + 1);
  const offer = (start: number, end: number, id: number, score: number) => {
    const total = score + (best[start] as number);
    if ((from[end] as number) >= 0 && !(total > (best[end] as number))) return; // of equals, the first
    best[end] = total;
    from[end] = start;
    token[end] = id;
  };
  for (let start = 0, width = 1; start < n; start += width) {
    width = (piece.codePointAt(start) as number) > 0xffff ? 2 : 1;
    let single = false;
    for (let node = 0, end = start; end < n; ) {
      const child = trie.next.get(node * UNITS + piece.charCodeAt(end));
      if (child === undefined) break;
      node = child;
      end += 1;
      const id = trie.ends[node] as number;
      if (id < 0) continue;
      offer(start, end, id, scores[id] as number);
      single ||= end - start === width;
    }
    if (single) continue;
    const text = piece.slice(start, start + width);
    offer(start, start + width, unknownId(unknown.unk, text, unknown.where), unknown.unknownScore);
  }
  return traced(piece, from, token, unknown.unk);
}

function traced(piece: string, from: Int32Array, token: Int32Array, unk: number | undefined): string[] {
  const cuts: string[] = [];
  let end = piece.length;
  while (end > 0) {
    let start = from[end] as number;
    if (token[end] === unk) while (start > 0 && token[start] === unk) start = from[start] as number;
    cuts.push(piece.slice(start, end));
    end = start;
  }
  return cuts.reverse();
}
