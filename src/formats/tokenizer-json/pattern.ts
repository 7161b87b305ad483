/// <reference path="./tokenizers.d.ts" />
/**
 * Patterns of a `tokenizer.json`: a text, or a regular expression in Oniguruma's syntax, which
 * `@huggingface/tokenizers` translates to JavaScript's.
 */
import { SplitPreTokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";
import { checkedPattern } from "./pattern-source.ts";

export const patternField = z.union([
  z.strictObject({ String: z.string().min(1).max(10_000) }),
  z.strictObject({ Regex: z.string().min(1) }),
]);

/** Where a pattern matches: [start, end), in UTF-16 units, in order. */
export type Finder = (text: string) => (readonly [start: number, end: number])[];

/**
 * The longest run that a repeat may have to go back over: beyond it a text takes seconds for each
 * million characters.
 */
const MOST_RUN = 20_000;

/** @throws InputError for a pattern that is not run (`checkedPattern`), or that is none */
export function finderOf(pattern: z.output<typeof patternField>, where: string): Finder {
  if ("String" in pattern) return textFinder(pattern.String);
  const { source, repeated } = checkedPattern(pattern.Regex, where);
  const find = regexFinder(translated(source, where));
  const runs = [...new Set(repeated)].map((one) => regexFinder(translated(`${one}+`, where)));
  return (text) => {
    if (text.length > MOST_RUN) for (const run of runs) requireShort(run(text), pattern.Regex, where);
    return find(text);
  };
}

/** Every match of a JavaScript pattern with the flags "gu". */
export function regexFinder(regex: RegExp): Finder {
  return (text) => {
    const found: [number, number][] = [];
    regex.lastIndex = 0;
    for (let match = regex.exec(text); match !== null; match = regex.exec(text))
      found.push([match.index, regex.lastIndex]);
    return found;
  };
}

export function textFinder(part: string): Finder {
  return (text) => {
    const found: [number, number][] = [];
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length))
      found.push([at, at + part.length]);
    return found;
  };
}

/** Beyond it, what a file has in the place of a letter fills the memory. */
const MOST_TEXT = 2 ** 26;

/** The text with each match replaced. @throws InputError where it grows too long */
export function replaced(text: string, find: Finder, by: string): string {
  let [result, at] = ["", 0];
  for (const [start, end] of find(text)) {
    result += text.slice(at, start) + by;
    at = end;
    if (result.length > MOST_TEXT)
      throw new InputError(`tokenizer: a text grows beyond ${MOST_TEXT} characters; give less of it`);
  }
  return at === 0 ? text : result + text.slice(at);
}

function translated(source: string, where: string): RegExp {
  const fields = { type: "Split", pattern: { Regex: source }, behavior: "Isolated", invert: false } as const;
  try {
    const { pattern } = new SplitPreTokenizer(fields);
    if (pattern !== null) return pattern;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new InputError(
      `${where}: ${quoted(source)} is no pattern that JavaScript can run (${cause.message})`,
      {
        cause,
      },
    );
  }
  throw new InputError(`${where}: ${quoted(source)} is no pattern`);
}

function requireShort(runs: ReturnType<Finder>, pattern: string, where: string): void {
  for (const [start, end] of runs) {
    if (end - start <= MOST_RUN) continue;
    throw new InputError(
      `${where}: the text has ${end - start} characters in a row that ${quoted(pattern)} repeats over, more than ${MOST_RUN}; break them up`,
    );
  }
}
