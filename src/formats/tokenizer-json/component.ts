/**
 * The parts of a `tokenizer.json`: each has a `type`, which says what its other fields are. A type
 * or a field that is not known is refused by its name, since it would give other ids.
 */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";

/** Makes a part of its fields. @param where names it in messages */
export type Maker<T> = (json: unknown, where: string) => T;

export function maker<S extends z.ZodRawShape, T>(
  shape: S,
  make: (fields: z.output<z.ZodObject<S>>, where: string) => T,
): Maker<T> {
  const schema = z.strictObject({ type: z.string(), ...shape });
  return (json, where) => make(parseConfig(schema, json, where) as z.output<z.ZodObject<S>>, where);
}

const typed = z.looseObject({ type: z.string() });

/** @throws InputError for a type that is not in `makers` */
export function componentOf<T>(makers: Readonly<Record<string, Maker<T>>>, json: unknown, where: string): T {
  const { type } = parseConfig(typed, json, where);
  const make = Object.hasOwn(makers, type) ? makers[type] : undefined;
  if (make !== undefined) return make(json, where);
  throw new InputError(
    `${where}: type ${quoted(type)} is not read; known: ${Object.keys(makers).join(", ")}`,
  );
}

/** A list of parts, in the order in which they act. */
export const listOf = <T>(parts: readonly unknown[], where: string, one: Maker<T>): T[] =>
  parts.map((part, i) => one(part, `${where}.${i}`));

/** Most parts of one list: published ones have fewer than ten. */
export const parts = z.array(z.unknown()).max(64);
