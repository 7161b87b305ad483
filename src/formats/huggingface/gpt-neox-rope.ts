/** The rotation of GPT-NeoX: how config.json says it, and what it is in ours. */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import type { ModelConfig } from "../../model/config.ts";
import type { Model } from "../../model/model.ts";
import { unreadNote } from "./config-fields.ts";

const ropeParameters = z.discriminatedUnion("rope_type", [
  z.looseObject({
    rope_type: z.literal("default"),
    rope_theta: z.number().optional(),
    partial_rotary_factor: z.number().optional(),
  }),
  z.looseObject({
    rope_type: z.literal("linear"),
    factor: z.number(),
    rope_theta: z.number().optional(),
    partial_rotary_factor: z.number().optional(),
  }),
]);

/** `rotary_pct` and `rotary_emb_base` are how files were written until 2025. */
export const ropeSchema = z.object({
  rope_scaling: z.null().optional(),
  rope_parameters: ropeParameters.nullish(),
  rotary_pct: z.number().optional(),
  rotary_emb_base: z.number().optional(),
});

/** The fields of rope that GPT-NeoX has: those of `encodings/rope.ts`. */
interface RopeFields {
  readonly layout: string;
  readonly base: number;
  readonly rotary: number;
  readonly scaling: { readonly kind: string; readonly factor?: number };
  readonly turning?: number;
}

/**
 * Base and part of the rotation: in `rope_parameters`, or under the names of before 2025.
 *
 * @throws InputError where both are there and differ.
 */
export function turningOf(
  config: z.output<typeof ropeSchema>,
  where: string,
): { base: number; rotary: number; notes: string[] } {
  const rope = config.rope_parameters ?? {};
  const notes = unreadNote(
    Object.keys(rope).filter((name) => !ROPE_FIELDS.has(name)),
    `${where}: rope_parameters`,
  );
  const one = (
    name: "rope_theta" | "partial_rotary_factor",
    old: "rotary_emb_base" | "rotary_pct",
    usual: number,
  ) => {
    const [now, before] = [(rope as Partial<Record<string, number>>)[name], config[old]];
    if (now !== undefined && before !== undefined && now !== before) {
      throw new InputError(
        `${where}: rope_parameters.${name} ${now} and ${old} ${before} are two names of one field; leave one of them out`,
      );
    }
    if (now === undefined && before === undefined) {
      notes.push(`${where}: does not say ${old} (${usual}); this is the default of GPTNeoXConfig`);
    }
    return now ?? before ?? usual;
  };
  return {
    base: one("rope_theta", "rotary_emb_base", 10_000),
    rotary: one("partial_rotary_factor", "rotary_pct", 0.25),
    notes,
  };
}

const ROPE_FIELDS: ReadonlySet<string> = new Set([
  "rope_type",
  "factor",
  "rope_theta",
  "partial_rotary_factor",
]);

/** ω_k = base^(−2k/R), as Hugging Face's libraries stored them until 2023. */
export function unscaledFrequencies({ config, shape }: Model): number[] {
  const { base, rotary } = ropeOf(config);
  const R = Math.floor(rotary * shape.headWidth + 1e-9);
  return Array.from({ length: R / 2 }, (_, k) => base ** ((-2 * k) / R));
}

export const ropeOf = ({ position }: ModelConfig): RopeFields => position as unknown as RopeFields; // its schema has parsed it
