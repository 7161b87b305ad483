/**
 * Byte-pair encoding learned from a text (Sennrich et al. 2016, algorithm 1; on bytes as in Radford et al. 2019): merge the pair
 * of neighbours that occurs most often, again and again.
 *
 * Of equally frequent pairs the one of the smaller ids merges first, and a merge that spells a token that there is already
 * becomes that token: as PyPI's `tokenizers` does it, to whose merges those of this file are equal (test/goldens).
 */
import type { BytePairs } from "./byte-pairs.ts";
import { byteCharacters, spelled } from "./bytes.ts";
import { Heap } from "./heap.ts";
import { specialTokens } from "./tokenizer.ts";

/** Pairs that occur less often are left alone. */
const leastFrequency = 2;

interface Pair {
  readonly left: number;
  readonly right: number;
  /** As known when it was put into the heap. */
  count: number;
  /** Words in which it occurs. */
  readonly words: Set<number>;
}

/**
 * Learns `<bos>`, `<mask>`, the 256 bytes and merges, `vocabSize` tokens in all or fewer where no pair is left that occurs twice.
 * @param counts how often each piece of the text occurs
 */
export function trainBytePairs(counts: ReadonlyMap<string, number>, vocabSize: number): BytePairs {
  const alphabet = [...byteCharacters].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
  const tokens: string[] = [specialTokens.bos, specialTokens.mask, ...alphabet];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: (readonly [string, string])[] = [];
  const words = [...counts].map(([piece, count]) => ({
    symbols: Array.from(spelled(piece), (character) => ids.get(character) as number), // every byte has an id
    count,
  }));
  const pairs = new Counter();
  words.forEach(({ symbols, count }, word) => {
    for (let i = 0; i + 1 < symbols.length; i++) {
      pairs.add(symbols[i] as number, symbols[i + 1] as number, count, word);
    }
  });
  pairs.flush();
  while (tokens.length < vocabSize) {
    const top = pairs.mostFrequent();
    if (top === undefined || top.count < leastFrequency) break;
    const { left, right } = top;
    const spelling = `${tokens[left]}${tokens[right]}`;
    const id = ids.get(spelling) ?? tokens.length;
    if (id === tokens.length) tokens.push(spelling);
    ids.set(spelling, id);
    merges.push([tokens[left] as string, tokens[right] as string]);
    for (const word of top.words) mergeIn(words[word] as Word, word, { left, right, id }, pairs);
    pairs.flush();
  }
  return { tokens, merges };
}

interface Word {
  symbols: number[];
  readonly count: number;
}

/** How often pairs occur, and the most frequent of them. */
class Counter {
  readonly #counts = new Map<number, number>();
  readonly #fresh = new Map<number, Set<number>>();
  readonly #heap = new Heap<Pair>(
    (a, b) =>
      a.count > b.count ||
      (a.count === b.count && (a.left < b.left || (a.left === b.left && a.right < b.right))),
  );

  add(left: number, right: number, change: number, word: number): void {
    const key = left * KEY + right;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + change);
    if (change <= 0) return;
    const words = this.#fresh.get(key);
    if (words) words.add(word);
    else this.#fresh.set(key, new Set([word]));
  }

  /** Puts the pairs that were added to since the last time into the heap. */
  flush(): void {
    for (const [key, words] of this.#fresh) {
      const count = this.#counts.get(key) as number;
      if (count > 0) this.#heap.push({ left: Math.floor(key / KEY), right: key % KEY, count, words });
    }
    this.#fresh.clear();
  }

  /** The heap's counts may be old: one that has changed is put back with what is right now. */
  mostFrequent(): Pair | undefined {
    for (let top = this.#heap.pop(); top !== undefined; top = this.#heap.pop()) {
      const count = this.#counts.get(top.left * KEY + top.right) as number;
      if (count === top.count) return top;
      if (count <= 0) continue;
      top.count = count;
      this.#heap.push(top);
    }
    return undefined;
  }
}

/** More than any vocabulary, and its square is below 2^53. */
const KEY = 2 ** 26;

/** Merges a pair in one word and counts the neighbours that this parts and makes. */
function mergeIn(
  word: Word,
  index: number,
  { left, right, id }: { left: number; right: number; id: number },
  pairs: Counter,
): void {
  const { symbols, count } = word;
  const merged: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] !== left || symbols[i + 1] !== right) {
      merged.push(symbols[i] as number);
      continue;
    }
    const before = merged.at(-1);
    const after = symbols[i + 2];
    if (before !== undefined) {
      pairs.add(before, left, -count, index);
      pairs.add(before, id, count, index);
    }
    if (after !== undefined) {
      pairs.add(right, after, -count, index);
      pairs.add(id, after, count, index);
    }
    merged.push(id);
    i++;
  }
  word.symbols = merged;
}
