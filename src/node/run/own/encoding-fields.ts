/**
 * A check of each field of `PositionEncoding`, for encodings that TypeScript has not checked.
 *
 * The fields are stated once, by the interface: a field without a check here, or a check without a field, does not compile.
 */
import { z } from "zod";
import { POSITIONS, type PositionEncoding } from "../../../encodings/encoding.ts";
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
  transform: callable.optional(),
  bias: callable.optional(),
  values: callable.optional(),
};

/** What `create` may return. */
export const encodingSchema = z.strictObject(fields);
