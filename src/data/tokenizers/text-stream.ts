/** Text of tokens that come one by one. */
import type { Tokenizer } from "./tokenizer.ts";

export interface TextStream {
  /** Adds a token and returns the text that is certain now: the parts, joined, are the text of all tokens. */
  push(id: number): string;
  /** What is left: bytes at the end that are no whole character. */
  end(): string;
}

/** What a decoder of UTF-8 writes for bytes that are no character, or not yet one. */
const REPLACEMENT = "\uFFFD";

/**
 * A character may take several tokens of bytes, so what ends in the middle of one is held back.
 *
 * @throws InputError, from `push`, where an id is outside the vocabulary.
 */
export function textStream(tokenizer: Tokenizer): TextStream {
  const ids: number[] = [];
  let given = 0;
  const rest = (text: string) => {
    const part = text.slice(given);
    given += part.length;
    return part;
  };
  return {
    push(id) {
      ids.push(id);
      const text = tokenizer.decode(ids);
      let end = text.length;
      while (end > given && text[end - 1] === REPLACEMENT) end--;
      return rest(text.slice(0, end));
    },
    end: () => rest(tokenizer.decode(ids)),
  };
}
