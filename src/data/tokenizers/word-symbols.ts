/**
 * Words as linked symbols, one after another in flat arrays, so that two neighbours become one in
 * constant time.
 */

/** N places, one a byte of a word at first. */
export interface Words {
  /** −1 where a symbol has become part of the one before it. */
  readonly symbols: Int32Array; // (N)
  /** Place of the symbol after this one, −1 at the end of a word. */
  readonly next: Int32Array; // (N)
  /** Place of the symbol before this one, −1 at the beginning of a word. */
  readonly previous: Int32Array; // (N)
  /** How often the word occurs. */
  readonly counts: Float64Array; // (N)
}

const utf8 = new TextEncoder();

/** @param byteIds the symbol of each byte, (256) */
export function wordsOf(counts: ReadonlyMap<string, number>, byteIds: readonly number[]): Words {
  let N = 0;
  for (const piece of counts.keys()) N += bytesIn(piece);
  const words = {
    symbols: new Int32Array(N),
    next: new Int32Array(N),
    previous: new Int32Array(N),
    counts: new Float64Array(N),
  };
  let at = 0;
  for (const [piece, count] of counts) {
    const start = at;
    for (const byte of utf8.encode(piece)) {
      words.symbols[at] = byteIds[byte] as number;
      words.previous[at] = at === start ? -1 : at - 1;
      words.next[at] = at + 1;
      words.counts[at] = count;
      at++;
    }
    if (at > start) words.next[at - 1] = -1;
  }
  return words;
}

/** Bytes of a well-formed text in UTF-8. */
function bytesIn(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
