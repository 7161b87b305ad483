/**
 * The pieces of running text: words, numbers and runs of signs, each with one space before it, and white space.
 * Joined, the pieces of a text are the text.
 *
 * The pattern is GPT-2's (Radford et al. 2019, encoder.py), which Hugging Face's ByteLevel pre-tokenizer has too. White space is
 * Unicode's White_Space as there; JavaScript's \s would lack U+0085 and add U+FEFF.
 */

/** The pattern as a `tokenizer.json` writes it. */
export const piecePattern =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const pattern =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The pieces of a text, in order. */
export function piecesOf(text: string): string[] {
  return text.match(pattern) ?? [];
}

/** Most characters that are held back in search of a place to cut. */
const mostHeld = 2 ** 20;

const space = /^\p{White_Space}$/u;

/**
 * A text that comes in chunks, cut anew between words, so that the pieces of the parts are the pieces of the whole. A million
 * characters without white space are a part as they are.
 */
export function* wholeWords(chunks: Iterable<string>): Generator<string> {
  let held = "";
  for (const chunk of chunks) {
    held += chunk;
    const cut = lastBoundary(held);
    if (cut > 0) {
      yield held.slice(0, cut);
      held = held.slice(cut);
    } else if (held.length > mostHeld) {
      yield held;
      held = "";
    }
  }
  if (held !== "") yield held;
}

/** The last place between a character and the white space that follows it, 0 if there is none: no piece spans it. */
function lastBoundary(text: string): number {
  for (let i = text.length - 1; i > 0; i--) {
    if (space.test(text[i] ?? "") && !space.test(text[i - 1] ?? "")) return i;
  }
  return 0;
}

/** How often each piece of a text occurs. */
export function countPieces(text: string): Map<string, number> {
  return addPieces(new Map(), text);
}

/** Adds a text's pieces to counts, and returns these. */
export function addPieces(counts: Map<string, number>, text: string): Map<string, number> {
  for (const piece of piecesOf(text)) {
    const before = counts.get(piece);
    counts.set(before === undefined ? ownText(piece) : piece, (before ?? 0) + 1);
  }
  return counts;
}

/**
 * Forgets the rarest pieces until at most half of `most` are left, if there are more than that: what is counted of a text of any size
 * then fits in memory, at the price that a rare piece may be counted anew.
 */
export function forgetRarest(counts: Map<string, number>, most: number): void {
  if (counts.size <= most) return;
  for (let rare = 1; counts.size > most / 2; rare *= 2) {
    for (const [piece, count] of counts) if (count <= rare) counts.delete(piece);
  }
}

/** The same text in memory of its own: what V8 cuts out of a long string keeps all of that string. */
export function ownText(piece: string): string {
  return piece.length < 13 ? piece : piece.split("").join("");
}
