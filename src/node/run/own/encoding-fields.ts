/**
 * A check of each field of `PositionEncoding`, for encodings that TypeScript has not checked.
 *
 * The fields are stated once, by the interface: a field without a check here, or a check without a
 * field, does not compile.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type EncodingDefinition, POSITIONS, type PositionEncoding } from "../../../encodings/encoding.ts";
import { InputError } from "../../../errors.ts";
import { guarded } from "./guard.ts";
import { callable } from "./names.ts";

const specs = z.record(
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-' only"),
  z.strictObject({
    shape: z
      .array(
        z
          .int()
          .positive()
          .max(2 ** 31 - 1),
      )
      .max(8),
    init: callable,
    decay: z.boolean().optional(),
  }),
);

const fields: { readonly [K in keyof Required<PositionEncoding>]: z.ZodType } = {
  maxPositions: z.number().positive().max(POSITIONS).optional(),
  dependsOnLength: z.boolean().optional(),
  scale: z.number().positive().max(1e6).optional(),
  params: specs.optional(),
  layerParams: specs.optional(),
  embed: callable.optional(),
  shift: callable.optional(),
  transform: callable.optional(),
  readsInputs: z.boolean().optional(),
  pairs: callable.optional(),
  bias: callable.optional(),
  values: callable.optional(),
};

/** What `create` may return. */
export const encodingSchema = z.strictObject(fields);

/** Fields of its own and of its class, each read once; what is no object stays what it is. */
export function fieldsOf(made: PositionEncoding): PositionEncoding {
  if (typeof made !== "object" || made === null || Array.isArray(made)) return made;
  const all = Object.keys(fields).map((name) => [name, made[name as keyof PositionEncoding]] as const);
  // a field that is not there is left out, as `exactOptionalPropertyTypes` wants it
  return { ...made, ...Object.fromEntries(all.filter(([, value]) => value !== undefined)) };
}

/** @throws InputError where one name stands for two parameters, or for what is not read at all. */
export function requireOwnNames(where: string, { params = {}, layerParams = {} }: PositionEncoding): void {
  for (const [field, of] of Object.entries({ params, layerParams })) {
    const parent = Object.getPrototypeOf(of);
    if ((parent === Object.prototype || parent === null) && !Object.hasOwn(of, "__proto__")) continue;
    // in braces it is no field but another object to inherit from, which nothing here reads
    throw new InputError(`${where}: ${field}.__proto__ is no name of a parameter; choose another`);
  }
  const both = Object.keys(params).find((name) => Object.hasOwn(layerParams, name));
  if (both !== undefined)
    throw new InputError(`${where}: params and layerParams both have ${both}; choose another name for one`);
}

/**
 * A run keeps its fields as JSON and parses them again: they have to come back as they were, or
 * another model is loaded than was trained.
 *
 * @throws InputError that names the field which does not
 */
export function requireKeepable(
  where: string,
  { config: schema }: EncodingDefinition,
  config: Readonly<Record<string, unknown>>,
): void {
  const again = guarded(`${where}: config`, () => schema.parse(JSON.parse(JSON.stringify(config))));
  for (const name of new Set([...Object.keys(config), ...Object.keys(again)])) {
    if (isDeepStrictEqual(config[name], again[name])) continue;
    throw new InputError(
      `${where}: config: ${name} does not come back from a checkpoint as it was; give it values of JSON that its schema leaves as they are`,
    );
  }
}
