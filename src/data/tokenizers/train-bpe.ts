/**
 * Byte-pair encoding learned from a text (Sennrich et al. 2016, algorithm 1; on bytes as in Radford
 * et al. 2019): merge the pair of neighbours that occurs most often, again and again.
 *
 * Of equally frequent pairs the one of the smaller ids merges first, and a merge that spells a
 * token that there is already becomes that token: as PyPI's `tokenizers` does it, to whose merges
 * those of this file are equal (test/goldens). Each pair knows the places where it occurs, so a
 * merge costs what it changes and not the length of the words around it: O(n log n) in all.
 */
import type { BytePairs } from "./byte-pairs.ts";
import { byteCharacters } from "./bytes.ts";
import { type Pair, PairCounter, pairKey } from "./pair-counter.ts";
import { specialTokens } from "./tokenizer.ts";
import { type Words, wordsOf } from "./word-symbols.ts";

/** Pairs that occur less often are left alone. */
const leastFrequency = 2;
/** Places that are worked on between two rests. */
const placesAtOnce = 2 ** 14;

/**
 * Learns `<bos>`, `<mask>`, the 256 bytes and merges, `vocabSize` tokens in all or fewer where no
 * pair is left that occurs twice.
 * @param counts how often each piece of the text occurs
 */
export function trainBytePairs(counts: ReadonlyMap<string, number>, vocabSize: number): BytePairs {
  const training = bytePairTraining(counts, vocabSize);
  for (;;) {
    const { done, value } = training.next();
    if (done) return value;
  }
}

/** The same with rests, at each of which it yields how many tokens there are. */
export function* bytePairTraining(
  counts: ReadonlyMap<string, number>,
  vocabSize: number,
): Generator<number, BytePairs> {
  const alphabet = [...byteCharacters].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
  const tokens: string[] = [specialTokens.bos, specialTokens.mask, ...alphabet];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: (readonly [string, string])[] = [];
  const merged = new Set<number>();
  const byteIds = byteCharacters.map((character) => ids.get(character) as number); // every byte has an id
  const words = wordsOf(counts, byteIds);
  const pairs = new PairCounter();
  for (let at = 0; at < words.symbols.length; at++) {
    const after = words.next[at] as number;
    if (after >= 0) count(words, pairs, at, 1);
    if (at % placesAtOnce === 0) yield tokens.length;
  }
  pairs.flush();
  while (tokens.length < vocabSize) {
    const top = pairs.mostFrequent();
    if (top === undefined || top.count < leastFrequency) break;
    const { left, right } = top;
    const spelling = `${tokens[left]}${tokens[right]}`;
    const id = ids.get(spelling) ?? tokens.length;
    if (id === tokens.length) tokens.push(spelling);
    ids.set(spelling, id);
    // A token that another merge spells too may stand beside an old neighbour again: that pair
    // merges again, and is listed once.
    if (!merged.has(pairKey(left, right))) merges.push([tokens[left] as string, tokens[right] as string]);
    merged.add(pairKey(left, right));
    yield* mergeAll(words, top, id, pairs, tokens.length);
    pairs.flush();
  }
  return { tokens, merges };
}

/**
 * Merges a pair wherever it occurs, from left to right, and counts the neighbours that this parts
 * and makes.
 */
function* mergeAll(
  words: Words,
  { left, right, places }: Pair,
  id: number,
  pairs: PairCounter,
  learned: number,
): Generator<number, void> {
  const { symbols, next, previous } = words;
  const ordered = Int32Array.from(places).sort();
  for (let i = 0; i < ordered.length; i++) {
    if (i % placesAtOnce === 0) yield learned;
    const at = ordered[i] as number;
    const after = next[at] as number;
    if (after < 0 || symbols[at] !== left || symbols[after] !== right) continue; // merged with others meanwhile
    const before = previous[at] as number;
    const beyond = next[after] as number;
    if (before >= 0) count(words, pairs, before, -1);
    if (beyond >= 0) count(words, pairs, after, -1);
    symbols[at] = id;
    symbols[after] = -1;
    next[at] = beyond;
    next[after] = -1;
    if (beyond >= 0) previous[beyond] = at;
    if (before >= 0) count(words, pairs, before, 1);
    if (beyond >= 0) count(words, pairs, at, 1);
  }
}

/** Counts the pair that begins at a place as often as its word occurs, or takes that back. */
function count({ symbols, next, counts }: Words, pairs: PairCounter, at: number, sign: 1 | -1): void {
  const right = symbols[next[at] as number] as number;
  pairs.add(symbols[at] as number, right, sign * (counts[at] as number), at);
}
