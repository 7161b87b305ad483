/**
 * Llama, 1 to 3, and the models that are stored as one: causal, pre-norm, RMSNorm, rotary positions,
 * grouped queries, a gated MLP (Touvron et al. 2023, arXiv:2302.13971; Grattafiori et al. 2024,
 * arXiv:2407.21783).
 */
import { z } from "zod";
import type { Architecture } from "./architecture.ts";
import { type KnownFields, readFields } from "./config-fields.ts";
import { size } from "./fields.ts";
import {
  biasOf,
  GATED,
  gatedFields,
  gatedIgnored,
  gatedModel,
  gatedRules,
  gatedTies,
  harmlessInGated,
  writtenBias,
  writtenGated,
} from "./gated.ts";
import { readRope } from "./rope-parameters.ts";
import { ropeLacks } from "./rope-written.ts";

/** Defaults are those of LlamaConfig. */
const schema = z.object({
  ...gatedFields({ vocabulary: 32_000, width: 4096, mlpWidth: 11_008, layers: 32, heads: 32, context: 2048 }),
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
});

const known: KnownFields<typeof schema> = { title: "LlamaConfig", schema, harmless: harmlessInGated };

export const llama: Architecture = {
  type: "llama",
  title: "Llama",
  position: "rope",
  fields: { ...GATED, bias: "said" },
  prefix: "model.",
  ignored: gatedIgnored,
  ties: gatedTies,
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const rope = readRope(config, 10_000, where);
    return {
      notes: [...notes, ...rope.notes],
      vocabSize: config.vocab_size,
      model: { ...gatedModel(config, rope), bias: biasOf(config.attention_bias, config.mlp_bias) },
    };
  },
  lacks: (config) => [
    ...ropeLacks(config),
    ...(config.bias === "qkv" ? ['model.bias "qkv" where attention has four or none'] : []),
    ...(config.width % config.heads === 0
      ? []
      : [`model.width ${config.width}, no multiple of ${config.heads} heads`]),
  ],
  write: (model, tokenizer) => ({
    model_type: "llama",
    architectures: ["LlamaForCausalLM"],
    ...writtenGated(model, tokenizer),
    ...writtenBias(model.config.bias),
  }),
  rules: gatedRules,
};
