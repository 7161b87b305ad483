/** The rotation of GPT-NeoX: how config.json says it, and what it is in ours. */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import type { Scaling } from "../../encodings/rope-scaling-fields.ts";
import { InputError } from "../../errors.ts";
import type { ModelConfig } from "../../model/config.ts";
import type { Model } from "../../model/model.ts";
import { readRope, ropeFields } from "./rope-parameters.ts";

/** `rotary_pct` and `rotary_emb_base` are how files were written until 2025. */
export const ropeSchema = z.object({
  rope_parameters: ropeFields.rope_parameters,
  rope_scaling: ropeFields.rope_scaling,
  rotary_pct: z.number().optional(),
  rotary_emb_base: z.number().optional(),
});

/** The fields of rope that GPT-NeoX has: those of `encodings/rope.ts`. */
interface RopeFields {
  readonly layout: string;
  readonly base: number;
  readonly rotary: number;
  readonly scaling: Scaling;
  readonly turning?: number;
}

type Dictionary = Readonly<Record<string, unknown>> | null | undefined;
type NeoXConfig = z.output<typeof ropeSchema> & { readonly max_position_embeddings: number };

/** What stands under other names beside the dictionary too. */
const shared = z.looseObject({
  rope_theta: z.number().optional(),
  partial_rotary_factor: z.number().optional(),
});

/**
 * Base, part and scaling of the rotation: in `rope_parameters` or `rope_scaling`, or under the names
 * of before 2025.
 *
 * @throws InputError for a scaling that is not read, and where two names of one field differ.
 */
export function turningOf(
  config: NeoXConfig,
  where: string,
): { base: number; rotary: number; scaling: Scaling; notes: readonly string[] } {
  const { rope_parameters: now, rope_scaling: before, max_position_embeddings } = config;
  const said = parseConfig(shared, { ...before, ...now }, `${where}: rope_parameters`);
  const notes: string[] = [];
  const one = (
    name: "rope_theta" | "partial_rotary_factor",
    old: "rotary_emb_base" | "rotary_pct",
    usual: number,
  ) => {
    const [own, other] = [said[name], config[old]];
    if (own !== undefined && other !== undefined && own !== other) {
      throw new InputError(
        `${where}: rope_parameters.${name} ${own} and ${old} ${other} are two names of one field; leave one of them out`,
      );
    }
    if (own === undefined && other === undefined) {
      notes.push(`${where}: does not say ${old} (${usual}); this is the default of GPTNeoXConfig`);
    }
    return own ?? other ?? usual;
  };
  const [base, rotary] = [
    one("rope_theta", "rotary_emb_base", 10_000),
    one("partial_rotary_factor", "rotary_pct", 0.25),
  ];
  const dictionaries = { rope_parameters: withoutPart(now, where), rope_scaling: withoutPart(before, where) };
  const rope = readRope({ max_position_embeddings, rope_theta: base, ...dictionaries }, base, where);
  return { base, rotary, scaling: rope.scaling, notes: [...rope.notes, ...notes] };
}

/** Of what turns, which `rotary` says; p-RoPE would take the part for another thing. */
function withoutPart(dictionary: Dictionary, where: string): Dictionary {
  if (!dictionary) return dictionary;
  const { partial_rotary_factor: _, ...rest } = dictionary;
  if ((rest.rope_type ?? rest.type) === "proportional")
    throw new InputError(`${where}: rope_parameters: rope_type "proportional" is not read of GPT-NeoX`);
  return rest;
}

/** ω_k = base^(−2k/R), as Hugging Face's libraries stored them until 2023. */
export function unscaledFrequencies({ config, shape }: Model): number[] {
  const { base, rotary } = ropeOf(config);
  const R = Math.floor(rotary * shape.headWidth + 1e-9);
  return Array.from({ length: R / 2 }, (_, k) => base ** ((-2 * k) / R));
}

export const ropeOf = ({ position }: ModelConfig): RopeFields => position as unknown as RopeFields; // its schema has parsed it
