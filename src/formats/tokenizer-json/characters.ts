/**
 * Classes of characters as PyPI's library has them, compared over all of Unicode; where it has
 * tables of an older Unicode, characters of rare scripts that came later differ (README).
 */

/** Unicode's White_Space: JavaScript's \s lacks U+0085 and has U+FEFF. */
export const WHITE = /\p{White_Space}/gu;
/** Of BERT: signs of ASCII count as punctuation, "$" and "^" too. */
export const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/gu;
export const NUMERIC = /\p{N}/gu;
/** What \w is in Rust's patterns. */
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
export const WORD_START = new RegExp(`^[${word}]`, "u");
export const WORD_END = new RegExp(`[${word}]$`, "u");
/** Words, and runs of what is neither word nor white space. */
export const WORDS = new RegExp(`[${word}]+|[^${word}\\p{White_Space}]+`, "gu");
/** What BERT leaves out: controls but for tab and line breaks, formats, private use. */
export const UNSEEN = /[^\P{C}\p{Cn}\t\n\r]|\ufffd/gu;
/** CJK ideographs of BERT; the blocks are as its authors' code has them, a gap included. */
export const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

/** Lower case, each character for itself: no rule for a sigma at the end of a word. */
export const lowered = (text: string): string =>
  text.includes("Σ")
    ? text
        .split("Σ")
        .map((part) => part.toLowerCase())
        .join("σ")
    : text.toLowerCase();

/** Where the white space that ends at a place begins; a pattern would try at each run before it. */
export function endWithoutSpace(text: string, from = text.length): number {
  let end = from;
  while (end > 0 && /\p{White_Space}/u.test(text[end - 1] as string)) end--;
  return end;
}
