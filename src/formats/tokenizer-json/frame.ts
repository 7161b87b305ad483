/** What stands before and after a text, and which tokens mean what, as a `tokenizer.json` and its `tokenizer_config.json` say. */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { componentOf, listOf, type Maker, maker, parts } from "./component.ts";
import { idField } from "./vocabulary.ts";

/** Ids around a text. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const BARE: Frame = { before: [], after: [] };

const special = z.record(z.string(), z.looseObject({ ids: z.array(idField) }));
const named = z.looseObject({ id: z.string() });
const template = z.array(
  z.union([z.strictObject({ SpecialToken: named }), z.strictObject({ Sequence: named })]),
);
const pair = z.tuple([z.string(), idField]);
const around = { sep: pair, cls: pair };
const flag = z.boolean().optional();

const makers: Readonly<Record<string, Maker<Frame>>> = {
  ByteLevel: maker({ add_prefix_space: flag, trim_offsets: flag, use_regex: flag }, () => BARE),
  BertProcessing: maker(around, ({ sep, cls }) => ({ before: [cls[1]], after: [sep[1]] })),
  RobertaProcessing: maker({ ...around, trim_offsets: flag, add_prefix_space: flag }, ({ sep, cls }) => ({
    before: [cls[1]],
    after: [sep[1]],
  })),
  TemplateProcessing: maker(
    { single: template, pair: template, special_tokens: special },
    ({ single, special_tokens }) => {
      const at = single.findIndex((part) => "Sequence" in part);
      const ids = (list: typeof single) =>
        list.flatMap((part) =>
          "SpecialToken" in part ? (special_tokens[part.SpecialToken.id]?.ids ?? []) : [],
        );
      return { before: ids(single.slice(0, at)), after: ids(single.slice(at + 1)) };
    },
  ),
  Sequence: maker({ processors: parts }, ({ processors }, where) =>
    listOf(processors, `${where}.processors`, frameOf).reduce(
      (inner, outer) => ({
        before: [...outer.before, ...inner.before],
        after: [...inner.after, ...outer.after],
      }),
      BARE,
    ),
  ),
};

/** @throws InputError for a type or a field that is not known */
export function frameOf(json: unknown, where: string): Frame {
  return json === null || json === undefined ? BARE : componentOf(makers, json, where);
}

const token = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();

/** What is read of a `tokenizer_config.json`; the rest is for other libraries. */
const settingsSchema = z.looseObject({
  bos_token: token,
  eos_token: token,
  unk_token: token,
  pad_token: token,
  mask_token: token,
  cls_token: token,
  add_bos_token: z.boolean().nullish(),
});

/** Ids of tokens that mean something, and the one that opens a text. */
export interface Roles {
  readonly bos?: number;
  readonly eos?: number;
  readonly mask?: number;
  readonly pad?: number;
  readonly unk?: number;
  readonly opening?: number;
  readonly preface?: readonly number[];
}

/**
 * `add_bos_token`, where it is said, counts above the template of tokenizer.json, as there.
 *
 * @param idOf of a token by its text
 * @throws InputError for a field of another type
 */
export function rolesOf(
  settings: unknown,
  frame: Frame,
  idOf: (token: string) => number | undefined,
  where: string,
): Roles {
  const given = parseConfig(settingsSchema, settings, where);
  const id = (value: z.output<typeof token>) => {
    const text = typeof value === "string" ? value : value?.content;
    return text === undefined ? undefined : idOf(text);
  };
  const template = frame.before.at(-1);
  const bos = id(given.bos_token) ?? template ?? id(given.cls_token);
  const adds = given.add_bos_token ?? undefined;
  const without = template === bos ? undefined : template;
  const opening = adds === undefined ? template : adds ? (bos ?? template) : without;
  const mask = id(given.mask_token) ?? idOf("[MASK]") ?? idOf("<mask>");
  const preface = opening === template && frame.before.length > 1 ? frame.before.slice(0, -1) : undefined;
  const roles = {
    bos,
    eos: id(given.eos_token),
    mask,
    pad: id(given.pad_token),
    unk: id(given.unk_token),
    ...{ opening, preface },
  };
  return Object.fromEntries(Object.entries(roles).filter(([, value]) => value !== undefined));
}
