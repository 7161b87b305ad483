/**
 * The types of a rotation in config.json, each with the fields that it reads and the scaling that it
 * is, as `modeling_rope_utils` of transformers 5.23 has them.
 */
import { z } from "zod";
import type { Scaling } from "../../encodings/rope-scaling-fields.ts";
import { size } from "./fields.ts";

const shared = { rope_theta: z.number().optional(), partial_rotary_factor: z.literal(1).nullish() };
const original = { original_max_position_embeddings: size.nullish() };
const positive = z.number().positive();
const lambdas = z.array(positive);

export const types = {
  default: z.object(shared),
  linear: z.object({ ...shared, factor: z.number() }),
  dynamic: z.object({ ...shared, factor: z.number() }),
  yarn: z.object({
    ...{ ...shared, ...original, factor: z.number().nullish() },
    ...{ beta_fast: z.number().nullish(), beta_slow: z.number().nullish(), truncate: z.boolean().nullish() },
    ...{ attention_factor: positive.nullish(), mscale: z.number().nullish() },
    mscale_all_dim: z.number().nullish(),
  }),
  llama3: z.object({
    ...{ ...shared, ...original, factor: z.number() },
    ...{ low_freq_factor: z.number(), high_freq_factor: z.number() },
  }),
  longrope: z.object({
    ...{ ...shared, ...original, factor: z.number().nullish() },
    ...{ short_factor: lambdas, long_factor: lambdas, attention_factor: positive.nullish() },
  }),
  /** p-RoPE: the fastest pairs turn, by frequencies of all columns. */
  proportional: z.object({
    rope_theta: z.number().optional(),
    partial_rotary_factor: z.number().min(0).max(1).nullish(),
    factor: z.number().nullish(),
  }),
};

export type RopeType = keyof typeof types;
export const typeName = z.enum(Object.keys(types) as RopeType[]);

type Read<K extends RopeType> = z.output<(typeof types)[K]>;

/** The scaling of one type's fields. @param length that the rotation was trained at first */
const scalings: {
  readonly [K in RopeType]: (fields: Read<K>, length: number, context: number) => Scaling;
} = {
  default: () => ({ kind: "none" }),
  linear: ({ factor }) => ({ kind: "linear", factor }),
  dynamic: ({ factor }) => ({ kind: "dynamic", factor }),
  proportional: ({ factor }) => ((factor ?? 1) === 1 ? { kind: "none" } : linearBy(factor as number)),
  yarn: (fields, length, context) => {
    const factor = fields.factor ?? context / length;
    const attention = attentionOf(fields, factor);
    return {
      ...{ kind: "yarn", factor, betaFast: fields.beta_fast || 32, betaSlow: fields.beta_slow || 1 },
      ...firstLength(length, context),
      ...(attention !== undefined && { attention }),
      ...(fields.truncate === false && { truncate: false }),
    };
  },
  llama3: ({ factor, low_freq_factor, high_freq_factor }, length, context) => ({
    ...{ kind: "llama3", factor, lowFrequency: low_freq_factor, highFrequency: high_freq_factor },
    ...firstLength(length, context),
  }),
  longrope: ({ factor, short_factor: short, long_factor: long, attention_factor }, length, context) => ({
    // with both lists the factor makes m alone, which is 1 for a factor below 1
    ...{ kind: "longrope", factor: Math.max(1, factor ?? context / length), short, long },
    ...firstLength(length, context),
    ...(typeof attention_factor === "number" && { attention: attention_factor }),
  }),
};

const linearBy = (factor: number): Scaling => ({ kind: "linear", factor });
const firstLength = (length: number, context: number) => (length === context ? {} : { original: length });

/**
 * The scaling that a dictionary of config.json says.
 *
 * @param outside what stands beside the dictionary, and is preferred to what it holds
 */
export function scalingOf(
  kind: RopeType,
  parsed: object,
  outside: number | undefined,
  context: number,
): Scaling {
  const own = (parsed as { original_max_position_embeddings?: number | null })
    .original_max_position_embeddings;
  // Of the type that parsed it.
  const make = scalings[kind] as (fields: object, length: number, context: number) => Scaling;
  return make(parsed, outside ?? own ?? context, context);
}

/** The factor on what is turned where it is not 0.1·ln s + 1. */
function attentionOf(
  { attention_factor: own, mscale, mscale_all_dim: all }: Read<"yarn">,
  factor: number,
): number | undefined {
  if (typeof own === "number") return own;
  if (!mscale || !all) return undefined;
  const of = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  return of(mscale) / of(all);
}
