/** Our rotary positions as fields of config.json, and what of them it has no field for. */
import type { Scaling } from "../../encodings/rope-scaling.ts";
import type { ModelConfig } from "../../model/config.ts";
import { ropeOf } from "./gpt-neox-rope.ts";

/** What of our rope no such config.json says. */
export function ropeLacks(config: ModelConfig): string[] {
  const { layout, rotary, scaling, turning } = ropeOf(config);
  const unwritten = ["ntk", "longrope"].includes(scaling.kind);
  return [
    ...(layout === "halves" ? [] : [`model.position.layout "${layout}" where it has "halves"`]),
    ...(rotary === 1 ? [] : [`model.position.rotary ${rotary} where it has 1`]),
    ...(unwritten ? [`model.position.scaling "${scaling.kind}", which it does not have`] : []),
    ...(turning === undefined ? [] : [`model.position.turning ${turning} where all pairs turn`]),
  ];
}

/** The fields of config.json: those of transformers 5, and those of before beside them. */
export function writtenRope({ context, ...config }: ModelConfig): Record<string, unknown> {
  const { base, scaling } = ropeOf({ context, ...config });
  const said = writtenScaling(scaling as Scaling, context);
  return {
    rope_parameters: { ...said, rope_theta: base },
    rope_theta: base,
    rope_scaling: scaling.kind === "none" ? null : said,
  };
}

function writtenScaling(scaling: Scaling, context: number): Record<string, unknown> {
  if (scaling.kind === "none" || scaling.kind === "ntk" || scaling.kind === "longrope")
    return { rope_type: "default" }; // the latter two are refused before
  const { kind: rope_type, factor } = scaling;
  if (scaling.kind === "linear" || scaling.kind === "dynamic") return { rope_type, factor };
  const range = { original_max_position_embeddings: scaling.original ?? context };
  if (scaling.kind === "llama3")
    return {
      ...{ rope_type, factor, ...range },
      ...{ low_freq_factor: scaling.lowFrequency, high_freq_factor: scaling.highFrequency },
    };
  return {
    ...{ rope_type, factor, ...range, beta_fast: scaling.betaFast, beta_slow: scaling.betaSlow },
    ...(scaling.attention !== undefined && { attention_factor: scaling.attention }),
    ...(scaling.truncate === false && { truncate: false }),
  };
}
