/**
 * Text of models, tokenizers and files on its way out: nothing in it steers a terminal or turns the
 * direction of what stands beside it.
 *
 * Joiners, soft hyphens and the tags of flags stay in running text: scripts and emoji need them,
 * and they steer nothing.
 */
import { requireFinite } from "./finite.ts";

const STEERING = /[\p{Cc}\p{Zl}\p{Zp}]|(?!\u00ad|\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/gu;
const SHOWN = "\ufffd";

/** A piece of a line, such as a cell of a table. */
export const printable = (text: string): string => text.replace(STEERING, SHOWN);

/** Running text: line breaks and tabs stay, and the carriage returns of CRLF go. */
export const printableLines = (text: string): string =>
  text.replaceAll("\r", "").replace(STEERING, (c) => (c === "\n" || c === "\t" ? c : SHOWN));

/** A message on one line: line breaks become spaces, and what steers or cannot be seen is left out. */
export const oneLine = (text: string): string =>
  text.replace(/[\r\n\u0085\u2028\u2029]+\s*/gu, " ").replace(/[\p{Cc}\p{Cf}]/gu, "");

/** JSON text in which what steers is written as \\uXXXX: it parses to the same. */
export const escaped = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/**
 * A value as JSON to be printed.
 *
 * @param what it is, for the message
 * @throws NotFiniteError where a number in it has no JSON
 */
export const jsonText = (what: string, value: unknown, space?: number): string =>
  escaped(JSON.stringify(requireFinite(what, value), null, space));
