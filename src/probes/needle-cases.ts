/**
 * Needles in haystacks: two pairs of tokens in a text, and a context in which their values have
 * changed places.
 */
import { specialIds } from "../data/data.ts";
import type { Rng } from "../tensor/rng.ts";
import { shuffled } from "../tensor/rng.ts";
import type { Subject } from "./probe.ts";

/** Keys a and c, with their values; no two are the same token. */
export interface Needle {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** Whether the pair of c stands first. */
  readonly reversed: boolean;
  /** What the needle lies in; holds none of its tokens. */
  readonly haystack: readonly number[];
}

/** Tokens of the two pairs, and of the question. */
export const NEEDLE = 5;

/**
 * Needles in haystacks of so many tokens: of the subject's text, or, where there is none, random
 * words of its vocabulary.
 *
 * @returns none where the vocabulary is too small for four words and a haystack
 */
export function drawNeedles(
  { tokenizer, material: { windows } }: Pick<Subject, "tokenizer" | "material">,
  count: number,
  size: number,
  rng: Rng,
): Needle[] {
  const special = new Set(specialIds(tokenizer));
  const words = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => !special.has(id));
  if (words.length < NEEDLE) return [];
  const text = windows?.window(0, count, 2 * size).tokens; // twice as much as is left once the needle's tokens are out
  return Array.from({ length: count }, (_, row): Needle => {
    const [a = 0, b = 0, c = 0, d = 0] = shuffled(words, rng);
    const others = words.filter((id) => ![a, b, c, d].includes(id));
    const random = () => others[rng.integer(others.length)] as number;
    const own = [...(text?.subarray(2 * size * row, 2 * size * (row + 1)) ?? [])];
    const kept = own.filter((id) => ![a, b, c, d].includes(id)).slice(0, size);
    const opening = text === undefined && tokenizer.bos !== undefined ? [tokenizer.bos] : [];
    const found = [...opening, ...kept];
    const haystack = [...found, ...Array.from({ length: Math.max(0, size - found.length) }, random)];
    return { ...{ a, b, c, d, haystack }, reversed: row % 2 === 1 };
  });
}

/**
 * … a b c d … a, and the same with b and d exchanged: the same tokens, and another that followed a.
 *
 * The pairs lie side by side, and either stands first as often, so that what is nearer to the
 * question is never what tells them apart.
 *
 * @param length of the context, the question's `a` included
 * @param depth 0 right after the first token, 1 right before the question
 */
export function needleContexts(
  { a, b, c, d, reversed, haystack }: Needle,
  length: number,
  depth: number,
): readonly [told: number[], swapped: number[]] {
  const hay = haystack.slice(0, length - NEEDLE);
  const at = 1 + Math.round(depth * (hay.length - 1));
  const around = (first: number, second: number) => {
    const pairs = [
      [a, first],
      [c, second],
    ];
    const block = (reversed ? pairs.reverse() : pairs).flat();
    return [...hay.slice(0, at), ...block, ...hay.slice(at), a];
  };
  return [around(b, d), around(d, b)];
}
