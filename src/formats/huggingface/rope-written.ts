/** Our rotary positions as fields of config.json, and what of them it has no field for. */
import { lambdasOf } from "../../encodings/rope-scaling.ts";
import type { Scaling } from "../../encodings/rope-scaling-fields.ts";
import type { ModelConfig } from "../../model/config.ts";
import { ropeOf } from "./gpt-neox-rope.ts";

/**
 * What of our rope no such config.json says.
 *
 * @param part whether it says which part of a head turns
 */
export function ropeLacks(config: ModelConfig, { part = false } = {}): string[] {
  const { layout, rotary, scaling, turning } = ropeOf(config);
  return [
    ...(layout === "halves" ? [] : [`model.position.layout "${layout}" where it has "halves"`]),
    ...(part || rotary === 1 ? [] : [`model.position.rotary ${rotary} where it has 1`]),
    ...scalingLacks(scaling),
    ...(turning === undefined || scaling.kind === "none" || scaling.kind === "linear"
      ? []
      : [`model.position.turning ${turning} with scaling "${scaling.kind}"`]),
  ];
}

export const scalingLacks = ({ kind }: { readonly kind: string }): string[] =>
  kind === "ntk" ? [`model.position.scaling "${kind}", which it does not have`] : [];

/** The fields of config.json: those of transformers 5, and those of before beside them. */
export function writtenRope(config: ModelConfig): Record<string, unknown> {
  const { base, rotary, scaling, turning } = ropeOf(config);
  const { context, width, heads, headWidth = width / heads } = config;
  const R = Math.floor(rotary * headWidth + 1e-9);
  const said = turning === undefined ? writtenScaling(scaling, context, R) : writtenTurning(turning, scaling);
  const part = rotary !== 1 && { partial_rotary_factor: rotary };
  return {
    rope_parameters: { ...said, rope_theta: base, ...part },
    rope_theta: base,
    rope_scaling: said.rope_type === "default" ? null : said,
    ...part,
  };
}

const writtenTurning = (turning: number, scaling: Scaling) => ({
  ...{ rope_type: "proportional", partial_rotary_factor: turning },
  ...(scaling.kind === "linear" && { factor: scaling.factor }),
});

/** @param R columns that turn */
export function writtenScaling(scaling: Scaling, context: number, R: number): Record<string, unknown> {
  // ntk is refused before.
  if (scaling.kind === "none" || scaling.kind === "ntk") return { rope_type: "default" };
  const { kind: rope_type, factor } = scaling;
  if (scaling.kind === "linear" || scaling.kind === "dynamic") return { rope_type, factor };
  const range = { original_max_position_embeddings: scaling.original ?? context };
  if (scaling.kind === "llama3")
    return {
      ...{ rope_type, factor, ...range },
      ...{ low_freq_factor: scaling.lowFrequency, high_freq_factor: scaling.highFrequency },
    };
  const attention = scaling.attention !== undefined && { attention_factor: scaling.attention };
  if (scaling.kind === "longrope") {
    const { long: long_factor, short: short_factor } = lambdasOf(scaling, R);
    return { ...{ rope_type, factor, ...range, short_factor, long_factor }, ...attention };
  }
  return {
    ...{ rope_type, factor, ...range, beta_fast: scaling.betaFast, beta_slow: scaling.betaSlow },
    ...attention,
    ...(scaling.truncate === false && { truncate: false }),
  };
}
