/** Encodings of the user's own: `--encoding FILE`. */
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import type { EncodingDefinition, PositionEncoding } from "../../../encodings/encoding.ts";
import { encodings } from "../../../encodings/index.ts";
import { InputError } from "../../../errors.ts";
import { encodingSchema, fieldsOf, requireKeepable, requireOwnNames } from "./encoding-fields.ts";
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
  config: z
    .custom<z.ZodObject>((value) => value instanceof z.ZodObject, {
      error: "must be a zod object, such as z.strictObject({})",
      abort: true,
    })
    .refine(({ shape }) => !("kind" in shape), "has a field kind, which names the encoding; choose another"),
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
      requireKeepable(where, definition, config);
      return guarded(`${where}: create`, () => {
        const made = definition.create(config, shape);
        const own = fieldsOf(made);
        if (isPromise(made)) {
          throw new InputError(`${where}: create returned ${shown(made)}; return the encoding itself`);
        }
        const what = `${where}: what create returns`;
        parseConfig(encodingSchema, own, what);
        requireOwnNames(what, own);
        return guardedEncoding(where, made, own, shape);
      });
    },
  };
}
