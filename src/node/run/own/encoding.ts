/** Encodings of the user's own: `--encoding FILE`. */
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import type { EncodingDefinition, PositionEncoding } from "../../../encodings/encoding.ts";
import { encodings } from "../../../encodings/index.ts";
import { InputError } from "../../../errors.ts";
import { encodingSchema } from "./encoding-fields.ts";
import { guardedEncoding } from "./encoding-hooks.ts";
import { guarded, isPromise, shown } from "./guard.ts";
import type { OwnKind } from "./load.ts";
import { callable, ownName } from "./names.ts";

const fields: { readonly [K in keyof Required<EncodingDefinition>]: z.ZodType } = {
  kind: ownName(
    "encoding",
    encodings.map(({ kind }) => kind),
  ),
  title: z.string().min(1),
  source: z.string(),
  relative: z.boolean(),
  config: z.custom((value) => value instanceof z.ZodObject, {
    error: "must be a zod object, such as z.strictObject({})",
  }),
  create: callable,
};

export const ownEncoding: OwnKind<EncodingDefinition> = {
  option: "encoding",
  plural: "encodings",
  marks: ["kind", "create"],
  example: 'defineEncoding({ kind: "my-encoding", … })',
  schema: z.looseObject(fields),
  checked,
};

/** The definition, each of whose encodings is checked as it is made, and as it is used. */
function checked(definition: EncodingDefinition, where: string): EncodingDefinition {
  return {
    ...definition,
    create(config, shape): PositionEncoding {
      const made = guarded(`${where}: create`, () => definition.create(config, shape));
      if (isPromise(made)) {
        throw new InputError(`${where}: create returned ${shown(made)}; return the encoding itself`);
      }
      const what = `${where}: what create returns`;
      parseConfig(encodingSchema, made, what);
      for (const field of ["params", "layerParams"] as const) requireOwnNames(what, field, made[field]);
      return guardedEncoding(where, made, shape);
    },
  };
}

/** `__proto__` in braces is no field but another object to inherit from, which nothing here reads. */
function requireOwnNames(where: string, field: string, specs: object | undefined): void {
  if (specs === undefined) return;
  const parent = Object.getPrototypeOf(specs);
  if ((parent === Object.prototype || parent === null) && !Object.hasOwn(specs, "__proto__")) return;
  throw new InputError(`${where}: ${field}.__proto__ is no name of a parameter; choose another`);
}
