/**
 * Tokens on disk, read by windows: unsigned numbers of two or four bytes, one after another, in
 * this machine's byte order.
 */
import { closeSync, readSync } from "node:fs";
import type { TokenStore } from "../../../data/token-store.ts";
import { wholeWords } from "../../../data/tokenizers/pieces.ts";
import type { Tokenizer } from "../../../data/tokenizers/tokenizer.ts";
import { InputError } from "../../../errors.ts";
import { openRegular } from "../../files/regular.ts";
import { readText, type TextPart } from "./read.ts";

/** What there is of a split. */
export interface TokenCounts {
  tokens: number;
  characters: number;
  /** What `<unk>` stands for. */
  unknown: { pieces: number; characters: number };
}

/** Bytes of a token in a file. */
export const tokenBytes = (vocabSize: number): 2 | 4 => (vocabSize <= 2 ** 16 ? 2 : 4);

/** Bytes that are written at once: small files make small chunks. */
const BLOCK_BYTES = 2 ** 16;

/**
 * The tokens of a text as bytes of a token file, made as they are asked for.
 * @param counts counts them
 * @param alphabet takes the characters of the text, where the tokenizer lacks words
 */
export function* encodeParts(
  parts: readonly TextPart[],
  tokenizer: Tokenizer,
  counts: TokenCounts,
  alphabet: Set<string>,
  onBytes?: (bytes: number) => void,
): Generator<Uint8Array> {
  const Words = tokenBytes(tokenizer.vocabSize) === 2 ? Uint16Array : Uint32Array;
  for (const part of parts) {
    for (const text of wholeWords(readText(part, onBytes))) {
      const ids = tokenizer.encode(text);
      counts.tokens += ids.length;
      counts.characters += charactersOf(text);
      if (tokenizer.unknown !== undefined) {
        const pieces = tokenizer.unknown(text);
        counts.unknown.pieces += pieces.length;
        counts.unknown.characters += charactersOf(pieces.join(""));
        for (const character of text) alphabet.add(character);
      }
      yield new Uint8Array(Words.from(ids).buffer);
    }
  }
}

/** The same bytes in chunks of a block or more. */
export function* inBlocks(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes < BLOCK_BYTES) continue;
    yield Buffer.concat(held);
    [held, bytes] = [[], 0];
  }
  yield Buffer.concat(held);
}

/** Unicode characters of a well-formed text. */
function charactersOf(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xdc00 && unit < 0xe000) count--; // the second half of a pair
  }
  return count;
}

/** A store that reads the file for each batch: nothing stays open or in memory. */
export function openTokenFile(
  path: string,
  { tokens, characters, unknown }: TokenCounts,
  bytes: 2 | 4,
): TokenStore {
  return {
    length: tokens,
    characters,
    unknown,
    windows(starts, count) {
      const windows = new Int32Array(starts.length * count);
      const buffer = bytes === 2 ? new Uint16Array(count) : new Uint32Array(count);
      const file = openRegular(path);
      try {
        starts.forEach((start, row) => {
          const read = readSync(file, buffer, 0, count * bytes, start * bytes);
          if (read !== count * bytes) {
            throw new InputError(
              `${path}: is shorter than its record says; delete its folder, it is made anew`,
            );
          }
          windows.set(buffer, row * count);
        });
      } finally {
        closeSync(file);
      }
      return windows;
    },
  };
}
