/**
 * Rotary positions as config.json says them: `rope_parameters` of transformers 5, or `rope_scaling`
 * and `rope_theta` of before.
 *
 *     {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
 *      "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
 *
 * Pairs are columns k and k + D/2 ("halves"); all columns of a head turn.
 */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import type { Scaling } from "../../encodings/rope-scaling.ts";
import { InputError } from "../../errors.ts";
import { unreadNote } from "./config-fields.ts";
import { size } from "./fields.ts";

const dictionary = z.looseObject({}).nullish();

/** Fields of config.json; which of them say something is `readRope`'s matter. */
export const ropeFields = {
  rope_parameters: dictionary,
  rope_scaling: dictionary,
  rope_theta: z.number().nullish(),
  original_max_position_embeddings: size.nullish(),
};

/** config.json as far as it is about rotation, once parsed. */
export interface RopeConfig {
  readonly max_position_embeddings: number;
  readonly rope_parameters?: Readonly<Record<string, unknown>> | null | undefined;
  readonly rope_scaling?: Readonly<Record<string, unknown>> | null | undefined;
  readonly rope_theta?: number | null | undefined;
  readonly original_max_position_embeddings?: number | null | undefined;
}

const shared = { rope_theta: z.number().optional(), partial_rotary_factor: z.literal(1).nullish() };
const original = { original_max_position_embeddings: size.nullish() };
const positive = z.number().positive();

/** What each type reads, as `modeling_rope_utils` of transformers 5.23 does. */
const types = {
  default: z.object(shared),
  linear: z.object({ ...shared, factor: z.number() }),
  dynamic: z.object({ ...shared, factor: z.number() }),
  yarn: z.object({
    ...{ ...shared, ...original, factor: z.number() },
    ...{ beta_fast: z.number().nullish(), beta_slow: z.number().nullish(), truncate: z.boolean().nullish() },
    ...{ attention_factor: positive.nullish(), mscale: z.number().nullish() },
    mscale_all_dim: z.number().nullish(),
  }),
  llama3: z.object({
    ...{ ...shared, ...original, factor: z.number() },
    ...{ low_freq_factor: z.number(), high_freq_factor: z.number() },
  }),
};
const typeName = z.enum(Object.keys(types) as (keyof typeof types)[]);

export interface ReadRope {
  readonly base: number;
  readonly scaling: Scaling;
  readonly notes: readonly string[];
}

/**
 * The rotation of a config.json.
 *
 * @param usual base of the class where the file says none
 * @throws InputError for a type or a field that our rope does not have, and for names of one field that differ.
 */
export function readRope(config: RopeConfig, usual: number, where: string): ReadRope {
  const [now, before] = [config.rope_parameters, config.rope_scaling];
  const context = config.max_position_embeddings;
  const read = [
    ...(now ? [readOne(now, config, context, `${where}: rope_parameters`)] : []),
    ...(before ? [readOne(before, config, context, `${where}: rope_scaling`)] : []),
  ];
  const [first, second] = read;
  if (first && second && JSON.stringify(first.scaling) !== JSON.stringify(second.scaling))
    throw differing(where, "rope_parameters", now, "rope_scaling", before);
  const bases = [...read.map(({ base }) => base), config.rope_theta ?? undefined].filter(
    (b) => b !== undefined,
  );
  const [base = usual, other = base] = [...new Set(bases)];
  if (other !== base) throw differing(where, "one rope_theta", base, "another", other);
  const unsaid =
    bases.length > 0 ? [] : [`${where}: does not say rope_theta (${usual}); this is the class's default`];
  return {
    base,
    scaling: first?.scaling ?? { kind: "none" },
    notes: [...read.flatMap(({ notes }) => notes), ...unsaid],
  };
}

const differing = (where: string, one: string, a: unknown, other: string, b: unknown) =>
  new InputError(
    `${where}: ${one} ${JSON.stringify(a)} and ${other} ${JSON.stringify(b)} are two names of one field; leave one of them out`,
  );

function readOne(
  given: Readonly<Record<string, unknown>>,
  config: RopeConfig,
  context: number,
  where: string,
) {
  const { type, rope_type = type ?? "default", ...fields } = given;
  const kind = parseConfig(typeName, rope_type, `${where}: rope_type ${JSON.stringify(rope_type)}`);
  const nested = Object.keys(fields).find(
    (name) => typeof fields[name] === "object" && fields[name] !== null,
  );
  if (nested !== undefined)
    throw new InputError(
      `${where}.${nested}: is a rotation of some layers, which is not read; known: one for all`,
    );
  const parsed = parseConfig(types[kind], fields, where);
  const unread = Object.keys(fields).filter((name) => !Object.hasOwn(types[kind].shape, name));
  return {
    base: parsed.rope_theta,
    scaling: scalingOf(kind, parsed, config.original_max_position_embeddings ?? undefined, context),
    notes: unreadNote(unread, where),
  };
}

/** @param outside what stands beside the dictionary, and is preferred to what it holds */
function scalingOf(
  kind: keyof typeof types,
  parsed: object,
  outside: number | undefined,
  context: number,
): Scaling {
  if (kind === "default") return { kind: "none" };
  if (kind === "linear" || kind === "dynamic") return { kind, factor: (parsed as { factor: number }).factor };
  const { factor, original_max_position_embeddings: own } = parsed as z.output<typeof types.llama3>;
  const length = outside ?? own ?? context;
  const range = length === context ? {} : { original: length };
  if (kind === "llama3") {
    const { low_freq_factor, high_freq_factor } = parsed as z.output<typeof types.llama3>;
    return { kind, factor, lowFrequency: low_freq_factor, highFrequency: high_freq_factor, ...range };
  }
  const yarn = parsed as z.output<typeof types.yarn>;
  const attention = attentionOf(yarn);
  return {
    ...{ kind, factor, betaFast: yarn.beta_fast || 32, betaSlow: yarn.beta_slow || 1, ...range },
    ...(attention !== undefined && { attention }),
    ...(yarn.truncate === false && { truncate: false }),
  };
}

/** The factor on what is turned where it is not 0.1·ln s + 1. */
function attentionOf({
  factor,
  attention_factor: own,
  mscale,
  mscale_all_dim: all,
}: z.output<typeof types.yarn>) {
  if (typeof own === "number") return own;
  if (!mscale || !all) return undefined;
  const of = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  return of(mscale) / of(all);
}
