/**
 * Added tokens: texts that are found before the model sees anything, special ones such as
 * `<|endoftext|>` among them. Of several at one place the longest counts.
 *
 * First those that are looked for in the text as it is, then, in what is left and normalized, those
 * that are normalized too.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";
import { endWithoutSpace, WORD_END, WORD_START } from "./characters.ts";
import type { Normalizer } from "./normalizers.ts";
import type { Piece } from "./splits.ts";
import { trieOf, UNITS } from "./trie.ts";
import { type Ids, idField } from "./vocabulary.ts";

export const addedField = z.strictObject({
  id: idField,
  content: z.string().min(1).max(10_000),
  /** Only where no word goes on before or after it. */
  single_word: z.boolean().default(false),
  /** Takes the white space before it, after it. */
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(true),
  special: z.boolean().default(false),
});

export type AddedToken = z.output<typeof addedField>;

/** A piece of text, or the id of an added token. */
export type Part = Piece | number;

/** Cuts text at the added tokens. */
export type AddedSplitter = (piece: Piece) => Part[];

/** @throws InputError where an added token has another id than in the vocabulary, or one of another */
export function requireAdded(added: readonly AddedToken[], ids: Ids, where: string): void {
  const names = new Map([...ids].map(([token, id]) => [id, token]));
  for (const { content, id } of added) {
    const known = ids.get(content) ?? id;
    const name = names.get(id) ?? content;
    if (known !== id || name !== content)
      throw new InputError(
        `${where}: ${quoted(content)} has id ${id}, the vocabulary ${known !== id ? `has it at ${known}` : `${quoted(name)} there`}`,
      );
    names.set(id, content);
  }
}

/** @throws InputError for a token that is too long */
export function splitterOf(
  added: readonly AddedToken[],
  where: string,
  normalize?: Normalizer,
): AddedSplitter {
  const byContent = new Map<string, AddedToken>();
  const first = [...added].sort((a, b) => Number(b.special) - Number(a.special));
  for (const token of first) {
    const content = normalize ? normalize(token.content) : token.content;
    if (content !== "" && !byContent.has(content)) byContent.set(content, token);
  }
  if (byContent.size === 0) return (piece) => [piece];
  const find = finderOf([...byContent], where);
  return (piece) => splitAt(piece, find);
}

type Found = readonly [start: number, end: number, token: AddedToken];

/** The longest at each place. */
function finderOf(
  tokens: readonly (readonly [content: string, token: AddedToken])[],
  where: string,
): (text: string) => Found[] {
  const { next, ends } = trieOf(new Map(tokens.map(([content], i) => [content, i])), where);
  return (text) => {
    const found: Found[] = [];
    for (let start = 0; start < text.length; ) {
      let longest: Found | undefined;
      for (let node: number | undefined = 0, at = start; at < text.length; ) {
        node = next.get(node * UNITS + text.charCodeAt(at));
        if (node === undefined) break;
        at += 1;
        const token = tokens[ends[node] as number]?.[1];
        if (token !== undefined) longest = [start, at, token];
      }
      if (longest) found.push(longest);
      start = longest?.[1] ?? start + 1;
    }
    return found;
  };
}

function splitAt({ text, first }: Piece, find: (text: string) => Found[]): Part[] {
  const parts: Part[] = [];
  let done = 0;
  const rest = (to: number) => {
    if (to > done) parts.push({ text: text.slice(done, to), first: first && done === 0 });
  };
  for (const [from, to, token] of find(text)) {
    if (token.single_word && !standsAlone(text, from, to)) continue;
    const start = token.lstrip ? Math.max(done, endWithoutSpace(text, from)) : from;
    rest(start);
    parts.push(token.id);
    done = token.rstrip ? to + spaceAt(text, to) : to;
  }
  rest(text.length);
  return parts;
}

function standsAlone(text: string, from: number, to: number): boolean {
  const after = text.codePointAt(to);
  return (
    !WORD_END.test(text.slice(Math.max(0, from - 2), from)) &&
    (after === undefined || !WORD_START.test(String.fromCodePoint(after)))
  );
}

/** How many units of white space begin at a place. */
function spaceAt(text: string, at: number): number {
  let end = at;
  while (end < text.length && /\p{White_Space}/u.test(text[end] as string)) end++;
  return end - at;
}
