/**
 * A vocabulary of characters, which are Unicode code points: a character outside it is an error
 * that names it.
 *
 * Saved as a Hugging Face `tokenizer.json` of model type WordLevel over single characters. Its
 * special tokens are entries of the vocabulary and no "added tokens", so that there as here no text
 * ever becomes one.
 */
import { InputError } from "../../errors.ts";
import { specialTokens, type Tokenizer } from "./tokenizer.ts";
import { createVocabulary, requireWellFormed } from "./vocabulary.ts";
import { splitBy, splitWordLevel } from "./word-level.ts";

const anyCharacter = "[\\s\\S]";

const NO_ID = 0xffff;

/** The part of the format that says: every character is a token. */
export const characterSplit = splitBy(anyCharacter);

/**
 * The vocabulary of a text's characters: `<bos>`, `<mask>`, then the characters in the order of
 * their code points.
 *
 * @example
 * assert.deepEqual(characterVocabulary("abba"), ["<bos>", "<mask>", "a", "b"]);
 */
export function characterVocabulary(characters: Iterable<string>): string[] {
  const sorted = [...new Set(characters)].sort((a, b) => codePoint(a) - codePoint(b));
  return [specialTokens.bos, specialTokens.mask, ...sorted];
}

/**
 * A tokenizer whose ids are the places of the characters in `tokens`.
 * @throws InputError when a token that is not special is no single character, or one occurs twice.
 * @example
 * const tokenizer = charactersTokenizer(characterVocabulary("ab"));
 * assert.equal(tokenizer.decode(tokenizer.encode("abba")), "abba");
 */
export function charactersTokenizer(tokens: readonly string[]): Tokenizer {
  const { ids, special, token } = createVocabulary(tokens);
  const isSpecial = new Set<number>(Object.values(special));
  tokens.forEach((one, id) => {
    if (!isSpecial.has(id) && [...one].length !== 1) {
      throw new InputError(`tokenizer: token ${id} is ${JSON.stringify(one)}; give single characters`);
    }
  });
  const idOf = (character: string): number => {
    const id = ids.get(character);
    if (id !== undefined) return id;
    throw new InputError(
      `tokenizer: ${nameOf(character)} is not in the vocabulary of ${tokens.length} tokens; leave it out, or train on a text that has it`,
    );
  };
  // Ids by UTF-16 unit, 0xFFFF where a character takes two units or has no id: three times as fast
  // as a Map alone.
  const table = new Uint16Array(2 ** 16).fill(NO_ID);
  for (const [character, id] of ids)
    if (character.length === 1 && id < NO_ID) table[character.charCodeAt(0)] = id;
  const encode = (text: string): number[] => {
    const found: number[] = [];
    for (let i = 0; i < text.length; i++) {
      const id = table[text.charCodeAt(i)] as number;
      if (id !== NO_ID) found.push(id);
      else {
        const character = String.fromCodePoint(text.codePointAt(i) ?? 0);
        found.push(idOf(character));
        i += character.length - 1;
      }
    }
    return found;
  };
  return {
    kind: "characters",
    vocabSize: tokens.length,
    ...special,
    encode: (text) => encode(requireWellFormed(text)),
    decode: (list) => list.map(token).join(""),
    token,
    toJSON: () => splitWordLevel(tokens, anyCharacter),
  };
}

/** `"é" (U+00E9)` */
function nameOf(character: string): string {
  const hex = codePoint(character).toString(16).toUpperCase().padStart(4, "0");
  return `${JSON.stringify(character)} (U+${hex})`;
}

const codePoint = (character: string): number => character.codePointAt(0) ?? 0;
