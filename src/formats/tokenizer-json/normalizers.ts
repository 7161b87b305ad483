/** What is done to a text before it is cut. */
import { z } from "zod";
import { CHINESE, endWithoutSpace, lowered, UNSEEN, WHITE } from "./characters.ts";
import { componentOf, listOf, type Maker, maker, parts } from "./component.ts";
import { finderOf, patternField, replaced } from "./pattern.ts";
import { charactersMap } from "./precompiled.ts";

export type Normalizer = (text: string) => string;

const bertFields = {
  clean_text: z.boolean().default(true),
  handle_chinese_chars: z.boolean().default(true),
  strip_accents: z.boolean().nullable().default(null),
  lowercase: z.boolean().default(true),
};

const unicode = (form: "NFC" | "NFD" | "NFKC" | "NFKD") =>
  maker({}, (): Normalizer => (text) => text.normalize(form));

const makers: Readonly<Record<string, Maker<Normalizer>>> = {
  NFC: unicode("NFC"),
  NFD: unicode("NFD"),
  NFKC: unicode("NFKC"),
  NFKD: unicode("NFKD"),
  Lowercase: maker({}, () => lowered),
  StripAccents: maker({}, () => (text) => text.replace(/\p{M}/gu, "")),
  Strip: maker({ strip_left: z.boolean(), strip_right: z.boolean() }, (fields) => (text) => {
    const start = fields.strip_left ? text.replace(/^\p{White_Space}+/u, "") : text;
    return fields.strip_right ? start.slice(0, endWithoutSpace(start)) : start;
  }),
  Prepend: maker(
    { prepend: z.string().max(1000) },
    ({ prepend }) =>
      (text) =>
        text && prepend + text,
  ),
  Replace: maker({ pattern: patternField, content: z.string().max(1000) }, ({ pattern, content }, where) => {
    const find = finderOf(pattern, `${where}.pattern`);
    return (text) => replaced(text, find, content);
  }),
  BertNormalizer: maker(bertFields, (fields) => (text) => bertNormal(text, fields)),
  Precompiled: maker({ precompiled_charsmap: z.string() }, ({ precompiled_charsmap }, where) =>
    charactersMap(precompiled_charsmap, where),
  ),
  Sequence: maker({ normalizers: parts }, ({ normalizers }, where) => {
    const all = listOf(normalizers, `${where}.normalizers`, normalizerOf);
    return (text) => all.reduce((now, normalize) => normalize(now), text);
  }),
};

/** @throws InputError for a type or a field that is not known */
export function normalizerOf(json: unknown, where: string): Normalizer {
  return componentOf(makers, json, where);
}

type BertFields = z.output<z.ZodObject<typeof bertFields>>;

function bertNormal(given: string, fields: BertFields): string {
  let text = given;
  if (fields.clean_text) text = text.replace(UNSEEN, "").replace(WHITE, " ");
  if (fields.handle_chinese_chars) text = text.replace(CHINESE, " $& ");
  if (fields.strip_accents ?? fields.lowercase) text = text.normalize("NFD").replace(/\p{Mn}/gu, "");
  return fields.lowercase ? lowered(text) : text;
}
