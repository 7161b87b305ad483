/**
 * JSON of which nobody knows who wrote it: bounded so that what parses or walks it runs out of
 * neither stack nor memory.
 */
import { InputError } from "./errors.ts";

/** Presets are 5 deep and tokenizers 7; structuredClone and zod give up at some thousands. */
const MOST_DEPTH = 100;
/**
 * The largest vocabularies have half a million pairs. In memory a list takes eight times its two
 * characters.
 */
const MOST_NODES = 4_000_000;

/**
 * Parses JSON.
 *
 * @throws SyntaxError where it is not JSON
 * @throws InputError that names `where`, for more than 100 objects or lists in one another, or four
 *   million in all
 */
export function parseJson(text: string, where: string): unknown {
  const { depth, nodes } = sizeOf(text);
  if (depth > MOST_DEPTH) {
    throw new InputError(`${where}: holds JSON nested more than ${MOST_DEPTH} deep; check the content`);
  }
  if (nodes > MOST_NODES) {
    throw new InputError(
      `${where}: holds ${nodes} objects and lists, more than ${MOST_NODES}; check the content`,
    );
  }
  return JSON.parse(text);
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Number and deepest nesting of a text's brackets, those in strings left out; in one pass, before
 * any of it is parsed.
 */
function sizeOf(text: string): { depth: number; nodes: number } {
  let [depth, most, nodes, inString] = [0, 0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (OPENING.has(code)) {
      nodes++;
      most = Math.max(most, ++depth);
    } else if (CLOSING.has(code)) depth--;
  }
  return { depth: most, nodes };
}
