/**
 * Phi-3, 3.5 and 4-mini: as Llama without biases, with queries, keys and values in one matrix and
 * gate and up in another, rotary positions on a part of each head's columns, and a sliding window in
 * every layer or none (Abdin et al. 2024, arXiv:2404.14219).
 */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { InputError } from "../../errors.ts";
import type { Architecture } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { size } from "./fields.ts";
import {
  fusedGatedRules,
  GATED,
  gatedFields,
  gatedIgnored,
  gatedModel,
  gatedTies,
  harmlessInGated,
  writtenGated,
} from "./gated.ts";
import { ropeOf } from "./gpt-neox-rope.ts";
import { type ReadRope, readRope } from "./rope-parameters.ts";
import { ropeLacks } from "./rope-written.ts";
import { oneWindowLacks, slidingOf } from "./windows.ts";

const part = z.number().positive().max(1).nullish();
const dictionaryPart = z.looseObject({ partial_rotary_factor: part });

type Dictionary = Readonly<Record<string, unknown>> | null | undefined;

/** Defaults are those of Phi3Config. */
const schema = z.object({
  ...gatedFields({ vocabulary: 32_064, width: 3072, mlpWidth: 8192, layers: 32, heads: 32, context: 4096 }),
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  rms_norm_eps: z.number().default(1e-5),
  original_max_position_embeddings: size.default(4096),
  partial_rotary_factor: part,
  sliding_window: size.nullish(),
});

const known: KnownFields<typeof schema> = {
  title: "Phi3Config",
  schema,
  harmless: {
    ...harmlessInGated,
    ...whatever("resid_pdrop embd_pdrop"),
    ...{ attention_bias: z.literal(false), mlp_bias: z.literal(false), lm_head_bias: z.literal(false) },
    ...{ full_attn_mod: z.literal(1), interpolate_factor: z.literal(1) },
  },
};

export const phi3: Architecture = {
  type: "phi3",
  title: "Phi-3",
  position: "rope",
  fields: { ...GATED, bias: { is: false }, window: "said" },
  prefix: "model.",
  ignored: gatedIgnored,
  ties: gatedTies,
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const rope = readTurning(config, where);
    const { sliding_window: window } = config;
    const model = gatedModel(config, rope);
    return {
      notes: [...notes, ...rope.notes],
      vocabSize: config.vocab_size,
      model: {
        ...model,
        position: { ...(model.position as { kind: string }), ...{ rotary: rope.rotary } },
        bias: false,
        ...(typeof window === "number" && { window }),
      },
    };
  },
  lacks(config) {
    const { scaling, turning } = ropeOf(config);
    const long = scaling.kind === "longrope";
    return [
      ...ropeLacks(config, { part: true }),
      ...(long || scaling.kind === "none"
        ? []
        : [`model.position.scaling "${scaling.kind}" where it has "none" or "longrope"`]),
      ...(turning === undefined ? [] : [`model.position.turning ${turning} where all of rotary turns`]),
      // Phi3Config counts the factors by width over heads
      ...(long && config.headWidth !== undefined
        ? [`model.headWidth ${config.headWidth} with longrope`]
        : []),
      ...oneWindowLacks(config),
    ];
  },
  write(model, tokenizer) {
    const { scaling } = ropeOf(model.config);
    const { context } = model.shape;
    return {
      model_type: "phi3",
      architectures: ["Phi3ForCausalLM"],
      ...writtenGated(model, tokenizer),
      original_max_position_embeddings: scaling.kind === "longrope" ? (scaling.original ?? context) : context,
      sliding_window: slidingOf(model.config).W,
    };
  },
  rules: fusedGatedRules,
};

/**
 * The rotation and the part of a head's columns that turns, which stands in the dictionary, beside
 * it, or both; files of 2024 say "su" for longrope, and "yarn" is read as it too.
 */
function readTurning(config: z.output<typeof schema>, where: string): ReadRope & { rotary: number } {
  const { rope_parameters: now, rope_scaling: before, partial_rotary_factor: beside } = config;
  const said = [now, before].flatMap((dictionary, i) => {
    const field = `${where}: ${["rope_parameters", "rope_scaling"][i]}`;
    const own = parseConfig(dictionaryPart, dictionary ?? {}, field).partial_rotary_factor;
    return own ?? [];
  });
  const [rotary = 1, other = rotary] = [...new Set([...said, ...(beside == null ? [] : [beside])])];
  if (other !== rotary)
    throw new InputError(
      `${where}: partial_rotary_factor ${rotary} and ${other} are two names of one field; leave one of them out`,
    );
  const dictionaries = { rope_parameters: asLongrope(now), rope_scaling: asLongrope(before) };
  return { ...readRope({ ...config, ...dictionaries }, 10_000, where), rotary };
}

/** Without the part, under the type's name of now. */
function asLongrope(dictionary: Dictionary): Dictionary {
  if (!dictionary) return dictionary;
  const { partial_rotary_factor: _, type, rope_type = type, ...rest } = dictionary;
  return { ...rest, rope_type: rope_type === "su" || rope_type === "yarn" ? "longrope" : rope_type };
}
