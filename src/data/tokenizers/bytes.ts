/**
 * Bytes as characters that can be seen, as GPT-2 spells its tokens (Radford et al. 2019,
 * encoder.py): the printable bytes of Latin-1 stand for themselves, the other 68 for U+0100 …
 * U+0143. A space is "Ġ".
 */

/** The character of each byte, (256). */
export const byteCharacters: readonly string[] = spell();

const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]));

const utf8 = new TextEncoder();

/** A text's bytes, spelled. */
export function spelled(text: string): string {
  return spelledBytes(utf8.encode(text));
}

export function spelledBytes(bytes: Iterable<number>): string {
  let spelling = "";
  for (const byte of bytes) spelling += byteCharacters[byte];
  return spelling;
}

/** The bytes that a spelling stands for, undefined where a character stands for none. */
export function bytesOf(spelling: string): number[] | undefined {
  const bytes = Array.from(spelling, (character) => byteOf.get(character) ?? -1);
  return bytes.includes(-1) ? undefined : bytes;
}

function spell(): string[] {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}
