/**
 * SentencePiece's table of characters: a double-array trie (Aoe 1989) from what is replaced to where
 * its replacement begins in a list of texts, each of which ends in a zero byte.
 *
 *     4 bytes         length of the trie
 *     trie            uint32 each, little-endian
 *     the rest        replacements, UTF-8
 *
 * As in Hugging Face's library, what is looked up is a grapheme of fewer than 6 bytes as a whole,
 * else its characters; of several prefixes that the trie holds, the shortest counts.
 */
import { InputError } from "../../errors.ts";

const utf8 = new TextEncoder();
const REMEDY = "fetch the tokenizer again";

/** @throws InputError where it is no such table */
export function charactersMap(base64: string, where: string): (text: string) => string {
  const bytes = decoded(base64, where);
  const view = new DataView(bytes.buffer);
  const length = bytes.length < 4 ? 0 : view.getUint32(0, true);
  if (length === 0 || length % 4 !== 0 || 4 + length > bytes.length)
    throw new InputError(`${where}: the trie of precompiled_charsmap has a wrong length; ${REMEDY}`);
  const trie = Uint32Array.from({ length: length / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const texts = bytes.subarray(4 + length);
  const known = new Map<string, string | undefined>();
  const replacement = (part: string): string | undefined => {
    if (known.has(part)) return known.get(part);
    const start = shortestPrefix(trie, utf8.encode(part));
    const end = start === undefined ? -1 : texts.indexOf(0, start);
    const found =
      start === undefined
        ? undefined
        : new TextDecoder().decode(texts.subarray(start, end < 0 ? undefined : end));
    if (known.size < MOST_KNOWN) known.set(part, found);
    return found;
  };
  return (text) => normalized(text, replacement);
}

const MOST_KNOWN = 2 ** 16;
/** Most bytes of a grapheme that is looked up as a whole. */
const WHOLE = 5;
const ASCII_ALONE = /[\x20-\x7e]+(?=[\x20-\x7e])/y;
const PLAIN_AGAIN = /(?<=[\x20-\x7e])[\x20-\x7e](?=[\x20-\x7e])/g;

function normalized(text: string, replacement: (part: string) => string | undefined): string {
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  let result = "";
  let at = 0;
  while (at < text.length) {
    // Characters of ASCII that another of them follows are graphemes: most of a text.
    ASCII_ALONE.lastIndex = at;
    const plain = ASCII_ALONE.exec(text)?.[0] ?? "";
    for (const character of plain) result += replacement(character) ?? character;
    at += plain.length;
    PLAIN_AGAIN.lastIndex = at;
    const end = PLAIN_AGAIN.exec(text)?.index ?? text.length;
    for (const { segment } of segmenter.segment(text.slice(at, end))) {
      const whole = utf8.encode(segment).length <= WHOLE ? replacement(segment) : undefined;
      result += whole ?? Array.from(segment, (character) => replacement(character) ?? character).join("");
    }
    at = end;
  }
  return result;
}

function shortestPrefix(trie: Uint32Array, key: Uint8Array): number | undefined {
  let unit = trie[0] as number;
  let node = offset(unit);
  for (const byte of key) {
    if (byte === 0) return undefined;
    node = (node ^ byte) >>> 0;
    unit = trie[node] ?? 0; // a damaged table points anywhere
    if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
    node = (node ^ offset(unit)) >>> 0;
    if ((unit >>> 8) & 1) return (trie[node] ?? 0) & 0x7fffffff;
  }
  return undefined;
}

const offset = (unit: number): number => ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;

function decoded(base64: string, where: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new InputError(`${where}: precompiled_charsmap is not base64; ${REMEDY}`, { cause });
  }
}
