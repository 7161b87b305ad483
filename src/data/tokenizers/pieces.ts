/**
 * The pieces of running text: words, numbers and runs of signs, each with one space before it, and
 * white space. Joined, the pieces of a text are the text.
 *
 * The pattern is GPT-2's (Radford et al. 2019, encoder.py), which Hugging Face's ByteLevel
 * pre-tokenizer has too. White space is Unicode's White_Space as there; JavaScript's \s would lack
 * U+0085 and add U+FEFF.
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

/** Most characters that are held back in search of white space. */
const mostHeld = 2 ** 20;

const space = /^\p{White_Space}$/u;

/**
 * Letters, digits or signs end, and no white space follows: no piece spans this either, unless it
 * is one that begins with an apostrophe, as 're does.
 */
const endOfRun = new RegExp(
  [
    "(?<=\\p{L})(?=[^\\p{L}\\p{White_Space}])",
    "(?<=\\p{N})(?=[^\\p{N}\\p{White_Space}])",
    "(?<=[^\\p{L}\\p{N}\\p{White_Space}'])(?=[\\p{L}\\p{N}])",
  ].join("|"),
  "gu",
);

/**
 * A text that comes in chunks, cut anew between words, so that the pieces of the parts are the
 * pieces of the whole. Only a single piece of more than a million characters is cut itself, so that
 * memory does not grow with it.
 *
 * @param most characters that are held back before a cut without white space is looked for
 */
export function* wholeWords(chunks: Iterable<string>, most = mostHeld): Generator<string> {
  let held = "";
  for (const chunk of chunks) {
    held += chunk;
    const cut = lastBoundary(held) || (held.length > most ? lastEndOfRun(held) || held.length : 0);
    if (cut === 0) continue;
    yield held.slice(0, cut);
    held = held.slice(cut);
  }
  if (held !== "") yield held;
}

/**
 * The last place between a character and the white space that follows it, 0 if there is none: no
 * piece spans it.
 */
function lastBoundary(text: string): number {
  for (let i = text.length - 1; i > 0; i--) {
    if (space.test(text[i] ?? "") && !space.test(text[i - 1] ?? "")) return i;
  }
  return 0;
}

function lastEndOfRun(text: string): number {
  let last = 0;
  for (const { index } of text.matchAll(endOfRun)) last = index;
  return last;
}

/** How often each piece of a text occurs. */
export function countPieces(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  addPieces(counts, text);
  return counts;
}

/**
 * Adds a text's pieces to counts, and returns how many they are. @param onNew hears of those that
 * were not there
 */
export function addPieces(
  counts: Map<string, number>,
  text: string,
  onNew?: (piece: string) => void,
): number {
  const pieces = piecesOf(text);
  for (const piece of pieces) {
    const before = counts.get(piece);
    if (before === undefined) onNew?.(piece);
    counts.set(before === undefined ? ownText(piece) : piece, (before ?? 0) + 1);
  }
  return pieces.length;
}

/** The same text in memory of its own: what V8 cuts out of a long string keeps all of that string. */
export function ownText(piece: string): string {
  return piece.length < 13 ? piece : piece.split("").join("");
}
