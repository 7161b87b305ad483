/** What a model was before it was imported, as its checkpoint keeps it: an export asks for it. */
import { z } from "zod";

export const originSchema = z.looseObject({
  /** `model_type` of its config.json. */
  architecture: z.string(),
  /** The row of position 0 in its table of positions, where it is not 0. */
  firstRow: z
    .int()
    .min(0)
    .max(2 ** 24)
    .optional(),
});

export type Origin = z.output<typeof originSchema>;
