/** Patterns of a tokenizer.json: which are run, what they find, and that none takes long. */
import { expect, test } from "vitest";
import { finderOf } from "../../src/formats/tokenizer-json/pattern.ts";

const find = (pattern: string, text: string) =>
  finderOf({ Regex: pattern }, "here")(text).map(([start, end]) => text.slice(start, end));

test.each<[pattern: string, says: RegExp]>([
  ["(a+)+b", /repeats a group/],
  ["(a|a)*b", /repeats a group/],
  ["(?:ab){2,9}", /repeats a group/],
  ["a*a*b", /repeats twice before what can fail/],
  [".*x.*y", /repeats twice before what can fail/],
  ["(?:\\s*a+)?\\s*b", /repeats twice before what can fail/],
  ["a++++", /repeats a repeat/],
  [`${"a?".repeat(30)}b`, /leaves more than 2048 ways open/],
  ["a{1,16}b{1,16}c{1,16}d", /leaves more than 2048 ways open/],
  ["x(?=.*y)", /looks around by a repeat/],
  ["(a)\\1", /says "\\\\1", which is not followed/],
  ["(?<name>a)", /opens a group by/],
  ["(?m:a)", /opens a group by/],
  ["\\d{1,3}+", /libraries read differently/],
  ["\\d{2}?", /libraries read differently/],
  ["a*", /can match nothing/],
  ["a|", /can match nothing/],
  ["(?!a)", /can match nothing/],
  ["^+", /repeats an assertion/],
  ["*a", /repeats nothing/],
  ["[a", /does not close a class/],
  ["(a", /does not close a group/],
  ["a)", /closes a group that is not open/],
  ["\\p{Nowhere}", /no pattern that JavaScript can run/],
  ["(".repeat(30), /nests more than 20 groups/],
  ["a".repeat(10_001), /is longer than 10000 characters/],
])("%s is refused", (pattern, says) => {
  expect(() => find(pattern, "aab")).toThrow(says);
  expect(() => find(pattern, "aab")).toThrow(/^here: /);
});

test.each<[pattern: string, text: string, found: readonly string[]]>([
  ["\\s++\\S", "a  b", ["  b"]],
  ["\\s++ b", "a  b", []], // nothing is given back
  ["\\s+ b", "a  b", ["  b"]],
  ["(?>ab|a)b", "abb", ["abb"]],
  ["(?>ab|a)b", "ab", []],
  ["(?i:ß|'LL)|\\p{Lu}?+a", "he'll Aa", ["'ll", "Aa"]],
  ["[[:alpha:]&&[^x]]+", "axb", ["a", "b"]],
  ["[]a]+", "b]a", ["]a"]],
  ["a{,2}b", "aaab", ["aab"]],
  ["{a}", "{a}", ["{a}"]],
  ["^b$", "a\nb\nc", ["b"]],
  ["(?<!\\w)b\\b", "ab b b1", ["b"]],
  ["\\x{1F642}|\\u00e9", "é🙂", ["é", "🙂"]],
  ["\\s", "\u0085\ufeff\u3000", ["\u0085", "\u3000"]],
])("%s in %j", (pattern, text, found) => {
  expect(find(pattern, text)).toEqual(found);
});

test("what a repeat goes back over is bounded: a run that is too long is an error, and no wait", () => {
  const run = `a${" ".repeat(20_000)}b`;
  expect(find("\\s+(?!\\S)|\\s+", run)).toHaveLength(2);
  expect(() => find("\\s+$|a", ` ${run}${" ".repeat(20_001)}b`)).toThrow(
    /^here: the text has 20001 characters in a row .* more than 20000; break them up$/,
  );
  expect(find("\\S+", "x".repeat(50_000))).toHaveLength(1); // nothing after it fails
});
