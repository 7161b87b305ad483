/**
 * Rotary positions as config.json says them: `rope_parameters` of transformers 5, or `rope_scaling`
 * and `rope_theta` of before.
 *
 *     {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
 *      "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
 *
 * Pairs are columns k and k + D/2 ("halves"); all columns of a head turn, but for `proportional`,
 * where the slowest pairs stand still.
 */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import type { Scaling } from "../../encodings/rope-scaling-fields.ts";
import { InputError } from "../../errors.ts";
import { unreadNote } from "./config-fields.ts";
import { size } from "./fields.ts";
import { scalingOf, typeName, types } from "./rope-types.ts";

const dictionary = z.looseObject({}).nullish();

/** Fields of config.json; which of them say something is `readRope`'s matter. */
export const ropeFields = {
  rope_parameters: dictionary,
  rope_scaling: dictionary,
  rope_theta: z.number().nullish(),
  original_max_position_embeddings: size.nullish(),
  partial_rotary_factor: z.literal(1).nullish(), // a part within the dictionary is another matter
};

/** config.json as far as it is about rotation, once parsed. */
export interface RopeConfig {
  readonly max_position_embeddings: number;
  readonly rope_parameters?: Readonly<Record<string, unknown>> | null | undefined;
  readonly rope_scaling?: Readonly<Record<string, unknown>> | null | undefined;
  readonly rope_theta?: number | null | undefined;
  readonly original_max_position_embeddings?: number | null | undefined;
}

export interface ReadRope {
  readonly base: number;
  readonly scaling: Scaling;
  /** The share of pairs that turn, where it is not all. */
  readonly turning?: number;
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
  const saidBy = ({ scaling, turning }: NonNullable<typeof first>) => JSON.stringify([scaling, turning]);
  if (first && second && saidBy(first) !== saidBy(second))
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
    ...(first?.turning !== undefined && { turning: first.turning }),
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
    (name) => typeof fields[name] === "object" && fields[name] !== null && !Array.isArray(fields[name]),
  );
  if (nested !== undefined)
    throw new InputError(
      `${where}.${nested}: is a rotation of some layers, which is not read; known: one for all`,
    );
  const parsed = parseConfig(types[kind], fields, where);
  const unread = Object.keys(fields).filter((name) => !Object.hasOwn(types[kind].shape, name));
  const part = kind === "proportional" ? (parsed.partial_rotary_factor ?? 1) : 1;
  return {
    base: parsed.rope_theta,
    turning: part === 1 ? undefined : part,
    scaling: scalingOf(kind, parsed, config.original_max_position_embeddings ?? undefined, context),
    notes: unreadNote(unread, where),
  };
}
