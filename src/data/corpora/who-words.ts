/**
 * The words of the little world "who". The first two nouns and the first verb are those of the
 * question that started it.
 */
import { specialTokens } from "../tokenizers/tokenizer.ts";

/** A verb by its two forms: "dog bites man", "man is bitten by dog". */
export interface Verb {
  readonly active: string;
  readonly participle: string;
}

/** Animate, so that each can do and suffer everything; a world takes the first few. */
export const nouns: readonly string[] = [
  ...["dog", "man", "cat", "woman", "fox", "girl", "wolf", "boy"],
  ...["horse", "nurse", "lion", "king", "mouse", "queen", "bird", "thief"],
];

/** No participle equals an active form of any verb, so each word tells its voice. */
export const verbs: readonly Verb[] = [
  { active: "bites", participle: "bitten" },
  { active: "sees", participle: "seen" },
  { active: "chases", participle: "chased" },
  { active: "helps", participle: "helped" },
  { active: "hears", participle: "heard" },
  { active: "finds", participle: "found" },
  { active: "follows", participle: "followed" },
  { active: "calls", participle: "called" },
  { active: "knows", participle: "known" },
  { active: "pushes", participle: "pushed" },
];

/**
 * The vocabulary of a world, in the order of the ids: special tokens, then the words of the
 * grammar, then these.
 */
export function vocabularyOf(nouns: readonly string[], verbs: readonly Verb[]): string[] {
  const { bos, mask, pad } = specialTokens;
  const forms = [...verbs.map((verb) => verb.active), ...verbs.map((verb) => verb.participle)];
  return [bos, mask, pad, ".", "?", "who", "is", "by", ...nouns, ...forms];
}
