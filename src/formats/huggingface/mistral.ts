/**
 * Mistral: as Llama without biases, with a sliding window of one size in every layer or none (Jiang et
 * al. 2023, arXiv:2310.06825).
 */
import { z } from "zod";
import type { Architecture } from "./architecture.ts";
import { type KnownFields, readFields } from "./config-fields.ts";
import { size } from "./fields.ts";
import {
  GATED,
  gatedFields,
  gatedIgnored,
  gatedModel,
  gatedRules,
  gatedTies,
  harmlessInGated,
  writtenGated,
} from "./gated.ts";
import { readRope } from "./rope-parameters.ts";
import { ropeLacks } from "./rope-written.ts";
import { oneWindowLacks, slidingOf } from "./windows.ts";

/** Defaults are those of MistralConfig. */
const schema = z.object({
  ...gatedFields({
    vocabulary: 32_000,
    width: 4096,
    mlpWidth: 14_336,
    layers: 32,
    heads: 32,
    context: 131_072,
  }),
  num_key_value_heads: size.nullable().default(8),
  head_dim: size.nullish(),
  sliding_window: size.nullable().default(4096),
});

const known: KnownFields<typeof schema> = { title: "MistralConfig", schema, harmless: harmlessInGated };

export const mistral: Architecture = {
  type: "mistral",
  title: "Mistral",
  position: "rope",
  fields: { ...GATED, bias: { is: false }, window: "said" },
  prefix: "model.",
  ignored: gatedIgnored,
  ties: gatedTies,
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const rope = readRope(config, 10_000, where);
    const { sliding_window: window } = config;
    return {
      notes: [...notes, ...rope.notes],
      vocabSize: config.vocab_size,
      model: { ...gatedModel(config, rope), bias: false, ...(window !== null && { window }) },
    };
  },
  lacks: (config) => [...ropeLacks(config), ...oneWindowLacks(config)],
  write(model, tokenizer) {
    return {
      model_type: "mistral",
      architectures: ["MistralForCausalLM"],
      ...writtenGated(model, tokenizer),
      sliding_window: slidingOf(model.config).W,
    };
  },
  rules: gatedRules,
};
