/** How a text is cut into the pieces that a model encodes, each for itself. */
import { z } from "zod";
import { spelled } from "../../data/tokenizers/bytes.ts";
import { piecesOf } from "../../data/tokenizers/pieces.ts";
import { NUMERIC, PUNCTUATION, WHITE, WORDS } from "./characters.ts";
import { componentOf, listOf, type Maker, maker, parts } from "./component.ts";
import { finderOf, patternField, regexFinder, textFinder } from "./pattern.ts";
import { behaviors, cut, type Piece } from "./splits.ts";

/** From a piece to pieces. */
export type PreTokenizer = (piece: Piece) => readonly Piece[];

const [white, punctuation, numeric, words] = [WHITE, PUNCTUATION, NUMERIC, WORDS].map(regexFinder) as [
  ReturnType<typeof regexFinder>,
  ReturnType<typeof regexFinder>,
  ReturnType<typeof regexFinder>,
  ReturnType<typeof regexFinder>,
];

const character = z.string().refine((text) => [...text].length === 1, { error: "is no single character" });

/** Fields of Metaspace, as pre-tokenizer and as decoder. */
export const metaspaceFields = {
  replacement: character.default("▁"),
  prepend_scheme: z.enum(["always", "first", "never"]).optional(),
  split: z.boolean().default(true),
  /** Of before `prepend_scheme`. */
  add_prefix_space: z.boolean().optional(),
  str_rep: z.string().optional(),
};

type MetaspaceFields = z.output<z.ZodObject<typeof metaspaceFields>>;

/** Whether a text gets a mark at its beginning. */
export const schemeOfMetaspace = ({ prepend_scheme, add_prefix_space }: MetaspaceFields) =>
  add_prefix_space === false ? "never" : (prepend_scheme ?? "always");

const makers: Readonly<Record<string, Maker<PreTokenizer>>> = {
  ByteLevel: maker(
    {
      add_prefix_space: z.boolean().default(true),
      trim_offsets: z.boolean().optional(),
      use_regex: z.boolean().default(true),
    },
    (fields) => (piece) => byteLevel(piece, fields),
  ),
  Split: maker(
    { pattern: patternField, behavior: z.enum(behaviors), invert: z.boolean().default(false) },
    ({ pattern, behavior, invert }, where) => {
      const find = finderOf(pattern, `${where}.pattern`);
      return (piece) => cut(piece, find, behavior, invert);
    },
  ),
  Whitespace: maker({}, () => (piece) => cut(piece, words, "Removed", true)),
  WhitespaceSplit: maker({}, () => (piece) => cut(piece, white, "Removed")),
  CharDelimiterSplit: maker({ delimiter: character }, ({ delimiter }) => {
    const find = textFinder(delimiter);
    return (piece) => cut(piece, find, "Removed");
  }),
  BertPreTokenizer: maker(
    {},
    () => (piece) => cut(piece, white, "Removed").flatMap((one) => cut(one, punctuation, "Isolated")),
  ),
  Punctuation: maker(
    { behavior: z.enum(behaviors).default("Isolated") },
    ({ behavior }) =>
      (piece) =>
        cut(piece, punctuation, behavior),
  ),
  Digits: maker(
    { individual_digits: z.boolean() },
    ({ individual_digits }) =>
      (piece) =>
        cut(piece, numeric, individual_digits ? "Isolated" : "Contiguous"),
  ),
  Metaspace: maker(metaspaceFields, metaspace),
  Sequence: maker({ pretokenizers: parts }, ({ pretokenizers }, where) => {
    const all = listOf(pretokenizers, `${where}.pretokenizers`, preTokenizerOf);
    return (piece) => all.reduce((pieces: readonly Piece[], one) => pieces.flatMap(one), [piece]);
  }),
};

/** @throws InputError for a type or a field that is not known */
export function preTokenizerOf(json: unknown, where: string): PreTokenizer {
  return componentOf(makers, json, where);
}

function byteLevel(
  { text, first }: Piece,
  { add_prefix_space, use_regex }: { add_prefix_space: boolean; use_regex: boolean },
): Piece[] {
  const whole = add_prefix_space && !text.startsWith(" ") ? ` ${text}` : text;
  const pieces = use_regex ? piecesOf(whole) : [whole];
  return pieces.map((piece, i) => ({ text: spelled(piece), first: first && i === 0 }));
}

function metaspace(fields: MetaspaceFields): PreTokenizer {
  const { replacement: mark, split } = fields;
  const scheme = schemeOfMetaspace(fields);
  const find = textFinder(mark);
  return ({ text, first }) => {
    const marked = text.replaceAll(" ", mark);
    const prepends = scheme === "always" || (scheme === "first" && first);
    const whole = { text: prepends && !marked.startsWith(mark) ? mark + marked : marked, first };
    return split ? cut(whole, find, "MergedWithNext") : [whole];
  };
}
