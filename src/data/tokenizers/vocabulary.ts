/** Tokens by id and ids by token, which every tokenizer keeps and none trusts a file about. */
import { InputError } from "../../errors.ts";
import { specialTokens } from "./tokenizer.ts";

/** The ids of special tokens that a vocabulary holds. */
export interface SpecialIds {
  readonly bos?: number;
  readonly mask?: number;
  readonly pad?: number;
}

export interface Vocabulary {
  /** In the order of their ids. */
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly special: SpecialIds;
  /** @throws InputError when `id` is outside [0, V). */
  token(id: number): string;
}

/** @throws InputError when a token is empty or occurs twice. */
export function createVocabulary(tokens: readonly string[]): Vocabulary {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (token === "") throw new InputError(`tokenizer: token ${id} is empty; give it a text`);
    if (ids.has(token)) {
      throw new InputError(
        `tokenizer: ${JSON.stringify(token)} has ids ${ids.get(token)} and ${id}; list it once`,
      );
    }
    ids.set(token, id);
  });
  const special: Record<string, number> = {};
  for (const [name, token] of Object.entries(specialTokens)) {
    const id = ids.get(token);
    if (id !== undefined) special[name] = id;
  }
  const token = (id: number) => {
    const found = tokens[id];
    if (found === undefined) {
      throw new InputError(
        `tokenizer: id ${id} is outside [0, ${tokens.length}); use ids of this vocabulary`,
      );
    }
    return found;
  };
  return { tokens, ids, special, token };
}

/**
 * The tokens of a parsed `model.vocab`, in the order of their ids.
 * @throws InputError when ids are not 0 … V−1, each once.
 */
export function tokensOf(vocab: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(vocab).sort(([, a], [, b]) => a - b);
  entries.forEach(([token, id], place) => {
    if (id !== place) {
      throw new InputError(
        `tokenizer: ${JSON.stringify(token)} has id ${id} where ${place} comes next; number the tokens 0 to V−1`,
      );
    }
  });
  return entries.map(([token]) => token);
}

/** `model.vocab` of a `tokenizer.json`. */
export function vocabJson(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

/**
 * Returns the text if it is well-formed Unicode.
 * @throws InputError naming the half of a surrogate pair, which no encoding of bytes has a place for.
 */
export function requireWellFormed(text: string): string {
  const at = text.search(/\p{Surrogate}/u);
  if (at < 0) return text;
  const code = text.charCodeAt(at).toString(16).toUpperCase();
  throw new InputError(`tokenizer: U+${code} at index ${at} is half of a character; remove it`);
}
