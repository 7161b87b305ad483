/**
 * Qwen3: as Llama, with a norm of each head's queries and keys, a width of heads that is its own, and
 * sliding windows from some layer on (Yang et al. 2025, arXiv:2505.09388).
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

/** Defaults are those of Qwen3Config. */
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
  head_dim: size.nullable().default(128),
  attention_bias: z.boolean().default(false),
  ...windowFields,
  max_window_layers: z.int().min(0).default(28),
});

const known: KnownFields<typeof schema> = { title: "Qwen3Config", schema, harmless: harmlessInGated };

export const qwen3: Architecture = {
  type: "qwen3",
  title: "Qwen3",
  position: "rope",
  fields: { ...GATED, bias: "said", qkNorm: { is: true }, window: "said" },
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
        qkNorm: true,
        bias: config.attention_bias ? "attention" : false,
        ...windowOf(config, { slides: (layer) => layer >= first, usual: 4096 }, where),
      },
    };
  },
  lacks: (config) => [
    ...ropeLacks(config),
    ...windowLacks(config),
    ...(config.bias === false || config.bias === "attention"
      ? []
      : [`model.bias ${JSON.stringify(config.bias)} where attention has four or none`]),
  ],
  write(model, tokenizer) {
    return {
      model_type: "qwen3",
      architectures: ["Qwen3ForCausalLM"],
      ...writtenGated(model, tokenizer),
      attention_bias: model.config.bias === "attention",
      ...writtenWindow(model.config),
      max_window_layers: fullLayers(slidingOf(model.config).sliding),
    };
  },
  rules: gatedRules,
};
