/**
 * A Hugging Face `tokenizer.json`: the ids that PyPI's `tokenizers` gives, of every kind that is
 * read. Nothing in the file is trusted: what is not known is refused by its name, and its patterns
 * are run only where they take linear time (`pattern-source.ts`).
 *
 * `@huggingface/tokenizers` translates the patterns. The rest of it is not used: of characters
 * beyond U+FFFF, white space, added tokens, byte fallback, tables of characters and behaviours of
 * splits it gives other ids (README).
 */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";
import { addedField, requireAdded } from "./added-tokens.ts";
import { encoderOf } from "./encoder.ts";
import { frameOf, type Roles, rolesOf } from "./frame.ts";
import { modelOf } from "./models.ts";
import { normalizerOf } from "./normalizers.ts";
import { notesOf } from "./notes.ts";
import { textsOf } from "./texts.ts";

const schema = z.strictObject({
  version: z.string().optional(),
  truncation: z.unknown().optional(),
  padding: z.unknown().optional(),
  added_tokens: z.array(addedField).default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.unknown().optional(),
  model: z.unknown(),
});

/** What a `tokenizer.json` alone does not say. */
export interface ForeignOptions {
  /** The parsed `tokenizer_config.json`. */
  readonly settings?: object | undefined;
  /** Rows of the model's table; default as many as there are ids. */
  readonly vocabSize?: number | undefined;
  /** Names the file in messages. */
  readonly where?: string;
}

/**
 * A tokenizer that somebody else's file describes.
 *
 * @param json the parsed `tokenizer.json`
 * @throws InputError where the file says something that is not followed here, by its name
 * @example
 * const model = { type: "WordLevel", vocab: { "[UNK]": 0, dog: 1, bites: 2 }, unk_token: "[UNK]" };
 * const tokenizer = foreignTokenizer({ pre_tokenizer: { type: "Whitespace" }, model });
 * assert.deepEqual(tokenizer.encode("dog bites man"), [1, 2, 0]);
 */
export function foreignTokenizer(json: unknown, options: ForeignOptions = {}): Tokenizer {
  return openForeign(json, options).tokenizer;
}

/** As `foreignTokenizer`, with what a person should know of it. */
export function openForeign(
  json: unknown,
  options: ForeignOptions = {},
): { readonly tokenizer: Tokenizer; readonly notes: readonly string[] } {
  const { settings, where = "tokenizer.json" } = options;
  const parsed = parseConfig(schema, json, where);
  const { added_tokens: added } = parsed;
  const model = modelOf(parsed.model, `${where}: model`);
  requireAdded(added, model.ids, `${where}: added_tokens`);
  const ids = new Map([...model.ids, ...added.map(({ content, id }) => [content, id] as const)]);
  const spellings = spellingsOf(ids);
  const { vocabSize = spellings.length } = options;
  const frame = frameOf(parsed.post_processor, `${where}: post_processor`);
  const roles = rolesOf(settings ?? {}, frame, (token) => ids.get(token), where);
  const unk = roles.unk ?? model.unk;
  const normalize =
    parsed.normalizer == null ? undefined : normalizerOf(parsed.normalizer, `${where}: normalizer`);
  const texts = textsOf(parsed.decoder, spellings, { added, normalize }, where);
  const encode = encoderOf({ ...parsed, normalize }, model.encode, where);
  const known = (id: number) => {
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) return id;
    throw new InputError(`tokenizer: id ${id} is outside [0, ${vocabSize}); use ids of this vocabulary`);
  };
  const noWords = new Set(added.flatMap(({ id, special }) => (special ? [id] : [])));
  const tokenizer: Tokenizer = {
    kind: "foreign",
    vocabSize,
    ...within(roles, vocabSize),
    ...(frame.after.length > 0 && frame.after.every((id) => id < vocabSize) && { closing: frame.after }),
    ...(unk !== undefined && unk < vocabSize && { unk }),
    special: Array.from({ length: vocabSize }, (_, id) => id).filter(
      (id) => noWords.has(id) || spellings[id] === undefined,
    ),
    encode: (text) => requireRows(encode(text), vocabSize, spellings, where),
    decode: (list) => texts.decode(list.map(known)),
    token: (id) => texts.token(known(id)),
    toJSON: () => json,
    ...(settings !== undefined && { settings }),
  };
  return { tokenizer, notes: notesOf(tokenizer, frame, spellings, where) };
}

function spellingsOf(ids: ReadonlyMap<string, number>): (string | undefined)[] {
  const spellings: (string | undefined)[] = [];
  for (const [token, id] of ids) spellings[id] = token;
  return spellings;
}

/** Roles whose token has a row in the model's table. */
const within = (roles: Roles, vocabSize: number): Roles =>
  Object.fromEntries(
    Object.entries(roles).filter(([, ids]) => [ids].flat().every((id: number) => id < vocabSize)),
  );

/** A model may have fewer rows than its tokenizer has tokens. */
function requireRows(
  ids: readonly number[],
  vocabSize: number,
  spellings: readonly (string | undefined)[],
  where: string,
): number[] {
  const beyond = ids.find((id) => id >= vocabSize);
  if (beyond === undefined) return ids as number[];
  throw new InputError(
    `${where}: the text holds ${quoted(spellings[beyond] ?? "")}, id ${beyond}, for which the model has no row: it has ${vocabSize}; leave it out`,
  );
}
