/**
 * Qwen2 and Qwen2.5: as Llama, with biases of queries, keys and values, and sliding windows from some
 * layer on (Yang et al. 2024, arXiv:2407.10671).
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
import { fullLayers, slidingOf, windowFields, windowLacks, windowOf, writtenWindow } from "./windows.ts";

/** Defaults are those of Qwen2Config. */
const schema = z.object({
  ...gatedFields({
    vocabulary: 151_936,
    width: 4096,
    mlpWidth: 22_016,
    layers: 32,
    heads: 32,
    context: 32_768,
  }),
  num_key_value_heads: size.nullable().default(32),
  head_dim: size.nullish(),
  ...windowFields,
  max_window_layers: z.int().min(0).default(28),
});

const known: KnownFields<typeof schema> = {
  title: "Qwen2Config",
  schema,
  harmless: { ...harmlessInGated, use_mrope: z.literal(false) }, // rotations of images' positions
};

export const qwen2: Architecture = {
  type: "qwen2",
  title: "Qwen2",
  position: "rope",
  fields: { ...GATED, bias: { is: "qkv" }, window: "said" },
  prefix: "model.",
  ignored: gatedIgnored,
  ties: gatedTies,
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const rope = readRope(config, 10_000, where);
    const { max_window_layers: first } = config;
    return {
      notes: [...notes, ...rope.notes],
      vocabSize: config.vocab_size,
      model: {
        ...gatedModel(config, rope),
        bias: "qkv",
        ...windowOf(config, { slides: (layer) => layer >= first, usual: 4096 }, where),
      },
    };
  },
  lacks: (config) => [...ropeLacks(config), ...windowLacks(config)],
  write(model, tokenizer) {
    return {
      model_type: "qwen2",
      architectures: ["Qwen2ForCausalLM"],
      ...writtenGated(model, tokenizer),
      ...writtenWindow(model.config),
      max_window_layers: fullLayers(slidingOf(model.config).sliding),
    };
  },
  rules: gatedRules,
};
