/** What a model of tokens is, and its tokens and ids, of which a file may say anything. */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";

/** Above the ids of every published vocabulary; what is made by id is bounded by it. */
export const MOST_ID = 2 ** 22;

export const idField = z.int().min(0).max(MOST_ID);

/** Looked at by `idsOf`: a schema would copy it, and lose a token that is called __proto__. */
export const vocabField = z.custom<object>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  { error: "is no object of ids by token" },
);

/** Ids by token. */
export type Ids = ReadonlyMap<string, number>;

export interface TokenModel {
  readonly ids: Ids;
  /** Stands for what the vocabulary lacks. */
  readonly unk: number | undefined;
  /** @param piece not empty. @throws InputError where it holds what has no token */
  encode(piece: string): readonly number[];
}

/** @throws InputError for what is no id, or where two tokens have one */
export function idsOf(vocab: object, where: string): Ids {
  const ids = new Map<string, number>(Object.entries(vocab));
  const tokens = new Map<number, string>();
  for (const [token, id] of ids) {
    if (!Number.isInteger(id) || id < 0 || id > MOST_ID)
      throw new InputError(`${where}: ${quoted(token)} has id ${quoted(String(id))}; give 0 to ${MOST_ID}`);
    const other = tokens.get(id);
    if (other !== undefined)
      throw new InputError(`${where}: ${quoted(other)} and ${quoted(token)} both have id ${id}`);
    tokens.set(id, token);
  }
  return ids;
}

/** Ids of the 256 byte tokens <0x00> … <0xFF>; undefined for those that are missing. */
export function byteIds(ids: Ids): readonly (number | undefined)[] {
  return Array.from({ length: 256 }, (_, byte) =>
    ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
  );
}

/** Ids of a text's bytes, where all of them are tokens. */
export function asBytes(text: string, ids: readonly (number | undefined)[]): number[] | undefined {
  const found = Array.from(utf8.encode(text), (byte) => ids[byte]);
  return found.includes(undefined) ? undefined : (found as number[]);
}

const utf8 = new TextEncoder();

/** @throws InputError where text needs the token for what is unknown, and there is none */
export function unknownId(id: number | undefined, text: string, where: string): number {
  if (id !== undefined) return id;
  throw new InputError(`${where}: has no token for ${quoted(text)}, nor one for what is unknown`);
}
