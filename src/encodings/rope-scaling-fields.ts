/** The fields of `model.position.scaling` of rope: `rope-scaling.ts` says what each kind does. */
import { z } from "zod";
import { POSITIONS } from "./encoding.ts";

const scalings = ["none", "linear", "ntk", "dynamic", "yarn", "llama3", "longrope"] as const;
const factors = z.number().min(1).max(1e9);
const factor = factors.default(4);
const lambdas = z.array(z.number().min(1e-3).max(1e9)).min(1).max(4096);
const turns = z.number().positive().max(1e6); // in L_max
/** L_max where it is another than the model's context: that of the training before. */
const original = z.int().positive().max(POSITIONS).optional();
/** m where it is another than follows from the factor. */
const attention = z.number().positive().max(1e3).optional();

/** Every field but `kind` has a default, so that the kind alone can be changed on a trained checkpoint. */
export const scalingSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("linear"), factor }),
    z.strictObject({ kind: z.literal("ntk"), factor }),
    z.strictObject({ kind: z.literal("dynamic"), factor: factors.default(1) }),
    z
      .strictObject({
        kind: z.literal("yarn"),
        factor,
        betaFast: turns.default(4),
        betaSlow: turns.default(1),
        original,
        attention,
        truncate: z.boolean().optional(),
      })
      .refine((yarn) => yarn.betaFast > yarn.betaSlow, {
        path: ["betaFast"],
        error: "must be larger than betaSlow",
      }),
    z
      .strictObject({
        kind: z.literal("llama3"),
        factor,
        lowFrequency: turns.default(1),
        highFrequency: turns.default(4),
        original,
      })
      .refine((llama3) => llama3.highFrequency > llama3.lowFrequency, {
        path: ["highFrequency"],
        error: "must be larger than lowFrequency",
      }),
    z.strictObject({
      kind: z.literal("longrope"),
      factor,
      /** λ of each pair past L_max; ntk's when left out, from which a search may start. */
      long: lambdas.optional(),
      /** λ of each pair up to L_max; 1 when left out. */
      short: lambdas.optional(),
      original,
      attention,
    }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union" ? `unknown scaling; known: ${scalings.join(", ")}` : undefined,
  },
);

export type Scaling = z.output<typeof scalingSchema>;
