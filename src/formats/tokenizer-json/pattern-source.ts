/**
 * What an Oniguruma pattern of a `tokenizer.json` may cost. A pattern comes from a file, and
 * JavaScript's matcher, which goes back and tries again, cannot be stopped: (a+)+b takes years on
 * fifty letters. So only such patterns are run as take linear time for each place and run.
 *
 * - What is repeated is one character: a class, an escape or a literal. A group is optional at most.
 * - The ways that all else leaves open are few: at most 2048.
 * - Of the repeats in one alternative at most one can be followed by something that fails, so that
 *   the matcher goes back over it once; its runs are bounded where the pattern is used.
 *
 * Possessive repeats and atomic groups, which JavaScript lacks, are written as a lookahead that
 * captures, (?=(x+))\1: of what it found, nothing is given back.
 */
import { quoted } from "../strict-json.ts";
import { classAt, escapeAt, quantifierAt } from "./pattern-atoms.ts";
import { bounded, type Cursor, refusal } from "./pattern-cursor.ts";

const MOST_LENGTH = 10_000;
const MOST_DEPTH = 20;
/** Counts above this are repeats without end. */
const FEW = 16;

/** A pattern that JavaScript can run, and what repeats in it can be gone back over. */
export interface Checked {
  readonly source: string;
  /** Sources of single characters. */
  readonly repeated: readonly string[];
}

interface Part {
  readonly source: string;
  /** Ways to match at one place, repeats left out. */
  readonly ways: number;
  readonly matchesNothing: boolean;
  /** Whether it may match nothing and still fail: a lookaround, an anchor. */
  readonly asserts: boolean;
  /** Repeats that something follows which can fail, and those that end it. */
  readonly failing: readonly string[];
  readonly trailing: readonly string[];
  /** Whether it is one character: what may be repeated. */
  readonly single: boolean;
}

const leaf = { ways: 1, matchesNothing: false, asserts: false, failing: [], trailing: [], single: false };
const nothing = { ...leaf, source: "", matchesNothing: true };

/** @throws InputError for a pattern that could take too long, or says what is not followed here */
export function checkedPattern(text: string, where: string): Checked {
  const cursor: Cursor = { text, where, at: 0, groups: 0 };
  if (text.length > MOST_LENGTH) throw refusal(cursor, `is longer than ${MOST_LENGTH} characters`);
  const { source, failing, matchesNothing } = alternatives(cursor, 0);
  if (cursor.at < text.length) throw refusal(cursor, "closes a group that is not open");
  if (matchesNothing) throw refusal(cursor, "can match nothing");
  return { source, repeated: failing };
}

function alternatives(cursor: Cursor, depth: number): Part {
  if (depth > MOST_DEPTH) throw refusal(cursor, `nests more than ${MOST_DEPTH} groups`);
  let all = sequence(cursor, depth);
  while (cursor.text[cursor.at] === "|") {
    cursor.at += 1;
    const next = sequence(cursor, depth);
    all = {
      source: `${all.source}|${next.source}`,
      ways: bounded(cursor, all.ways + next.ways),
      matchesNothing: all.matchesNothing || next.matchesNothing,
      asserts: all.asserts || next.asserts,
      failing: [...all.failing, ...next.failing],
      trailing: [...all.trailing, ...next.trailing],
      single: false,
    };
  }
  return all;
}

function sequence(cursor: Cursor, depth: number): Part {
  const items: Part[] = [];
  while (cursor.at < cursor.text.length && !"|)".includes(cursor.text[cursor.at] as string))
    items.push(quantified(cursor, depth));
  let rest: Part = nothing;
  for (const item of items.reverse()) {
    const canFail = !rest.matchesNothing || rest.asserts;
    const back = canFail ? item.trailing : [];
    const failing = [...item.failing, ...back, ...rest.failing];
    const gone = [back, item.failing, rest.failing].filter(({ length }) => length > 0); // back over
    if (gone.length > 1) throw refusal(cursor, "repeats twice before what can fail");
    rest = {
      source: item.source + rest.source,
      ways: bounded(cursor, item.ways * rest.ways),
      matchesNothing: item.matchesNothing && rest.matchesNothing,
      asserts: item.asserts || rest.asserts,
      failing,
      trailing: canFail ? rest.trailing : [...item.trailing, ...rest.trailing],
      single: false,
    };
  }
  return rest;
}

function quantified(cursor: Cursor, depth: number): Part {
  const item = atom(cursor, depth);
  const found = quantifierAt(cursor.text, cursor.at);
  if (found === undefined) return item;
  const { source, least, most, mode } = found;
  cursor.at += source.length + mode.length;
  if (mode !== "" && source.startsWith("{"))
    throw refusal(cursor, `writes ${quoted(source + mode)}, which libraries read differently`);
  if (quantifierAt(cursor.text, cursor.at) !== undefined) throw refusal(cursor, "repeats a repeat");
  if (item.asserts && item.matchesNothing) throw refusal(cursor, "repeats an assertion");
  if (!item.single && (least !== 0 || most !== 1)) throw refusal(cursor, "repeats a group");
  const repeated = most > FEW || least > FEW;
  const greedy = `${item.source}${source.replace(/^\{,/, "{0,")}`;
  const part = {
    ...item,
    ways: bounded(cursor, repeated ? item.ways : item.ways + most - least),
    matchesNothing: item.matchesNothing || least === 0,
    trailing: repeated ? [item.source] : item.trailing,
    single: false,
  };
  return mode === "+" ? atomic(cursor, { ...part, source: greedy }) : { ...part, source: greedy + mode };
}

/** Never given back: nothing of it is tried again. */
function atomic(cursor: Cursor, part: Part): Part {
  cursor.groups += 1;
  const source = `(?:(?=(${part.source}))\\${cursor.groups})`;
  return { ...part, source, failing: part.failing, trailing: [], single: false };
}

function atom(cursor: Cursor, depth: number): Part {
  const { text, at } = cursor;
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  if (character === "(") return group(cursor, depth);
  const single = (source: string): Part => {
    cursor.at += source.length;
    return { ...leaf, source, single: true };
  };
  if (character === "[") {
    const found = classAt(text, at);
    if (found === undefined) throw refusal(cursor, "does not close a class");
    return single(found);
  }
  if (character === "\\") return escaped(cursor);
  if (character === "^" || character === "$") {
    cursor.at += 1;
    return { ...nothing, source: character, asserts: true };
  }
  if ("?*+".includes(character)) throw refusal(cursor, "repeats nothing");
  return single(character);
}

const LOOKS = /^\(\?(?:<?[=!])/;

function group(cursor: Cursor, depth: number): Part {
  const rest = cursor.text.slice(cursor.at, cursor.at + 4);
  const look = LOOKS.exec(rest)?.[0];
  const opening = look ?? /^\(\?(?:i?:|>)/.exec(rest)?.[0] ?? (rest[1] === "?" ? undefined : "(");
  if (opening === undefined) throw refusal(cursor, `opens a group by ${quoted(rest)}, which is not followed`);
  const isAtomic = opening === "(?>";
  cursor.at += opening.length;
  const before = cursor.groups;
  const body = alternatives(cursor, depth + 1);
  if (cursor.text[cursor.at] !== ")") throw refusal(cursor, "does not close a group");
  cursor.at += 1;
  if (look !== undefined) {
    if (body.failing.length + body.trailing.length > 0) throw refusal(cursor, "looks around by a repeat");
    return { ...nothing, source: `${look}${body.source})`, ways: body.ways, asserts: true };
  }
  if (isAtomic) {
    if (cursor.groups !== before) throw refusal(cursor, "nests atomic groups");
    return atomic(cursor, body);
  }
  // What a group captures is never asked for, and its number would move ours.
  return { ...body, source: `${opening === "(" ? "(?:" : opening}${body.source})`, single: false };
}

function escaped(cursor: Cursor): Part {
  const found = escapeAt(cursor.text, cursor.at);
  if (found === undefined)
    throw refusal(
      cursor,
      `says ${quoted(cursor.text.slice(cursor.at, cursor.at + 2))}, which is not followed`,
    );
  const { source, single } = found;
  cursor.at += source.length;
  return single ? { ...leaf, source, single } : { ...nothing, source, asserts: true };
}
