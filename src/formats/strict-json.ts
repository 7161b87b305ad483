/**
 * JSON from files that nobody vouches for.
 *
 * `JSON.parse` keeps the last of two equal names without a word, rounds 9007199254740993 to …992,
 * reads `2.0` as the integer 2, and puts names into an object that has a prototype. A header whose
 * offsets decide what memory is read may do none of that, so this parser refuses duplicates, keeps
 * integers as bigint and returns Maps. Depth, the number of values, list length and number length
 * are bounded, so that memory is too; time is linear in the text.
 *
 * Grammar: RFC 8259. Strings that hold half of a surrogate pair are refused, since they have no UTF-8.
 */
import { InputError } from "../errors.ts";
import { escaped } from "../printable.ts";

/**
 * A parsed value: integers are bigint, numbers with a fraction or an exponent are number, objects
 * are Maps.
 */
export type StrictJson = string | bigint | number | boolean | null | readonly StrictJson[] | StrictObject;
export type StrictObject = ReadonlyMap<string, StrictJson>;

const MAX_DEPTH = 16;
/**
 * Ten values make a tensor of rank 4: room for 20,000, where the largest published models have a
 * few thousand.
 */
const MAX_VALUES = 200_000;
/**
 * Longest list: shapes and offsets have fewer than ten entries, and a list of millions would
 * outgrow its file in memory.
 */
const MAX_ITEMS = 64;
const MAX_DIGITS = 32;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?<fraction>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/;
const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ["t", true],
  ["f", false],
  ["n", null],
]);

interface Cursor {
  readonly text: string;
  readonly where: string;
  at: number;
  values: number;
}

/**
 * Parses one JSON value that fills the whole text; white space may surround it.
 *
 * @param where names the source in error messages, such as a path
 * @throws InputError for anything but well-formed JSON with distinct names, at most 16 deep, of
 *   200,000 values and 64 items a list
 */
export function parseStrictJson(text: string, where: string): StrictJson {
  const cursor: Cursor = { text, where, at: 0, values: 0 };
  const value = readValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < text.length) throw refusal(cursor, "text after the end of the JSON");
  return value;
}

/**
 * A piece of untrusted text in quotes, cut to 80 characters, with everything escaped that could
 * steer a terminal.
 */
export function quoted(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return escaped(JSON.stringify(cut));
}

function readValue(cursor: Cursor, depth: number): StrictJson {
  if (depth > MAX_DEPTH) throw refusal(cursor, `JSON nested more than ${MAX_DEPTH} deep`);
  cursor.values += 1;
  if (cursor.values > MAX_VALUES) throw refusal(cursor, `more than ${MAX_VALUES} values`);
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === "{") return readObject(cursor, depth);
  if (first === "[") return readList(cursor, depth);
  if (first === '"') return readString(cursor);
  return LITERALS.has(first ?? "") ? readLiteral(cursor) : readNumber(cursor);
}

function readObject(cursor: Cursor, depth: number): StrictObject {
  const object = new Map<string, StrictJson>();
  cursor.at += 1;
  if (take(cursor, "}")) return object;
  do {
    skipSpace(cursor);
    if (cursor.text[cursor.at] !== '"') throw refusal(cursor, "invalid JSON, expected a name");
    const name = readString(cursor);
    if (object.has(name)) throw refusal(cursor, `the name ${quoted(name)} is there twice`);
    if (!take(cursor, ":")) throw refusal(cursor, 'invalid JSON, expected ":"');
    object.set(name, readValue(cursor, depth + 1));
  } while (take(cursor, ","));
  if (!take(cursor, "}")) throw refusal(cursor, 'invalid JSON, expected "," or "}"');
  return object;
}

function readList(cursor: Cursor, depth: number): StrictJson[] {
  const list: StrictJson[] = [];
  cursor.at += 1;
  if (take(cursor, "]")) return list;
  do {
    if (list.length === MAX_ITEMS) throw refusal(cursor, `a list of more than ${MAX_ITEMS} items`);
    list.push(readValue(cursor, depth + 1));
  } while (take(cursor, ","));
  if (!take(cursor, "]")) throw refusal(cursor, 'invalid JSON, expected "," or "]"');
  return list;
}

function readString(cursor: Cursor): string {
  const start = cursor.at;
  let end = start;
  do {
    end = cursor.text.indexOf('"', end + 1);
    if (end < 0) throw refusal(cursor, "invalid JSON, a string without an end");
  } while (isEscaped(cursor.text, end));
  let value: string;
  try {
    value = JSON.parse(cursor.text.slice(start, end + 1)); // knows the escapes, refuses control characters
  } catch {
    throw refusal(cursor, "invalid JSON, a malformed string");
  }
  if (hasLoneSurrogate(value)) throw refusal(cursor, "invalid JSON, half of a surrogate pair");
  cursor.at = end + 1;
  return value;
}

/** Whether text has a half of a surrogate pair, which no UTF-8 can hold. */
export function hasLoneSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/u.test(text); // with the u flag, whole pairs are one code point and do not match
}

/** True when an odd number of backslashes stands before the quote. */
function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text[first - 1] === "\\") first -= 1;
  return (quote - first) % 2 === 1;
}

function readLiteral(cursor: Cursor): boolean | null {
  const value = LITERALS.get(cursor.text[cursor.at] ?? "") ?? null;
  if (!cursor.text.startsWith(String(value), cursor.at)) throw refusal(cursor, "invalid JSON");
  cursor.at += String(value).length;
  return value;
}

function readNumber(cursor: Cursor): bigint | number {
  const start = cursor.at;
  let end = start;
  while (/[-+.0-9eE]/.test(cursor.text[end] ?? "")) {
    end += 1;
    if (end - start > MAX_DIGITS) throw refusal(cursor, `a number of more than ${MAX_DIGITS} characters`);
  }
  const token = cursor.text.slice(start, end);
  const match = NUMBER.exec(token);
  if (match === null) throw refusal(cursor, "invalid JSON");
  cursor.at = end;
  return match.groups?.fraction === "" ? BigInt(token) : Number(token);
}

function take(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}

function skipSpace(cursor: Cursor): void {
  while (" \t\n\r".includes(cursor.text[cursor.at] ?? "x")) cursor.at += 1;
}

function refusal(cursor: Cursor, problem: string): InputError {
  return new InputError(
    `${cursor.where}: ${problem}, at character ${cursor.at}; write or fetch the file again`,
  );
}
