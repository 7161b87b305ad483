/**
 * What Llama and its like share: RMSNorm, a gated MLP, grouped queries and rotary positions on all
 * columns, with their names of tensors and of fields.
 */
import { z } from "zod";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import type { ModelConfig } from "../../model/config.ts";
import type { Model } from "../../model/model.ts";
import { hasBias } from "../../model/parameters.ts";
import type { Fields, ModelFields } from "./architecture.ts";
import { whatever } from "./config-fields.ts";
import { mlpWidthOf, size } from "./fields.ts";
import { unscaledFrequencies } from "./gpt-neox-rope.ts";
import { inverseFrequencies } from "./ignored.ts";
import { sideBySide } from "./projections.ts";
import { type ReadRope, type RopeConfig, ropeFields } from "./rope-parameters.ts";
import { writtenRope } from "./rope-written.ts";
import { type Rule, same } from "./rules.ts";
import { tiedHead } from "./ties.ts";

/** Defaults of a class. */
interface GatedDefaults {
  readonly vocabulary: number;
  readonly width: number;
  readonly mlpWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly context: number;
}

/** Fields that all of them have under one name; biases, windows and norms of queries are their own. */
export const gatedFields = ({ vocabulary, width, mlpWidth, layers, heads, context }: GatedDefaults) => ({
  vocab_size: size.default(vocabulary),
  hidden_size: size.default(width),
  intermediate_size: size.default(mlpWidth),
  num_hidden_layers: size.default(layers),
  num_attention_heads: size.default(heads),
  hidden_act: z.enum(["silu", "swish"]).default("silu"), // two names of one function
  max_position_embeddings: size.default(context),
  rms_norm_eps: z.number().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  ...ropeFields,
});

/** What changes no logit in any of them. */
export const harmlessInGated: Readonly<Record<string, z.ZodType>> = {
  ...whatever("attention_dropout pretraining_tp is_llama_config transformers.js_config"),
  rope_interleaved: z.literal(false),
};

/** What they do with each field of `model`, but for biases. */
export const GATED: Omit<Fields, "bias"> = {
  layers: "said",
  heads: "said",
  width: "said",
  context: "said",
  dropout: "said",
  normEpsilon: "said",
  position: "said",
  mlpWidth: "said",
  headWidth: "said",
  keyValueHeads: "said",
  tied: "said",
  attention: { is: "causal" },
  norm: { is: "pre" },
  normKind: { is: "rms" },
  mlp: { is: "swiglu" },
  qkNorm: { is: false },
  tokenScale: { is: 1 },
  embeddingNorm: { is: false },
  residual: { is: "sequential" },
  window: { is: undefined },
  temperature: { is: undefined },
  sinks: { is: undefined },
  gate: { is: undefined },
  gelu: { is: "tanh" }, // which a gated MLP does not read
  head: { is: "linear" },
};

interface GatedConfig extends RopeConfig {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads?: number | null | undefined;
  readonly head_dim?: number | null | undefined;
  readonly rms_norm_eps: number;
  readonly tie_word_embeddings: boolean;
}

/** `model` of a parsed config.json, without biases. */
export function gatedModel(config: GatedConfig, { base, scaling, turning }: ReadRope): ModelFields {
  const { hidden_size: width, num_attention_heads: heads, head_dim: D, num_key_value_heads: G } = config;
  return {
    ...{ layers: config.num_hidden_layers, heads, width, context: config.max_position_embeddings },
    ...(typeof D === "number" && D !== width / heads && { headWidth: D }),
    ...(typeof G === "number" && G !== heads && { keyValueHeads: G }),
    ...mlpWidthOf(config.intermediate_size, width),
    normKind: "rms",
    normEpsilon: config.rms_norm_eps,
    mlp: "swiglu",
    tied: config.tie_word_embeddings,
    position: {
      ...{ kind: "rope", layout: "halves", base, rotary: 1, scaling },
      ...(turning !== undefined && { turning }),
    } as { kind: string },
  };
}

/** By whether attention has biases, then by whether the MLP has. */
const BIASES = [
  [false, "mlp"],
  ["attention", true],
] as const;

/** `model.bias` of `attention_bias` and `mlp_bias`. */
export const biasOf = (attention: boolean, mlp: boolean): ModelConfig["bias"] =>
  BIASES[Number(attention) as 0 | 1][Number(mlp) as 0 | 1];

export const writtenBias = (bias: ModelConfig["bias"]): Record<string, boolean> => ({
  attention_bias: bias === true || bias === "attention",
  mlp_bias: bias === true || bias === "mlp",
});

/** Fields of config.json that all of them have. */
export function writtenGated(
  { shape, config, vocabSize }: Model,
  tokenizer: Tokenizer,
): Record<string, unknown> {
  return {
    vocab_size: vocabSize,
    hidden_size: shape.width,
    intermediate_size: shape.mlpWidth,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    head_dim: shape.headWidth,
    hidden_act: "silu",
    max_position_embeddings: shape.context,
    initializer_range: 1 / Math.sqrt(shape.width),
    rms_norm_eps: config.normEpsilon,
    tie_word_embeddings: config.tied,
    attention_dropout: config.dropout,
    ...writtenRope(config),
    bos_token_id: tokenizer.bos ?? null,
    eos_token_id: tokenizer.eos ?? null,
    pad_token_id: tokenizer.pad ?? null,
  };
}

/** Files of until 2023 hold the frequencies, which scaling left as they are. */
export const gatedIgnored = [inverseFrequencies(/rotary_emb\.inv_freq$/, unscaledFrequencies)];

export const gatedTies = tiedHead("lm_head.weight", "model.embed_tokens.weight");

export const gatedRules = (model: Model): Rule[] => rulesOf(model, false);

/** Queries, keys and values in one matrix, gate and up in another, as Phi-3 has them. */
export const fusedGatedRules = (model: Model): Rule[] => rulesOf(model, true);

function rulesOf({ shape, config, vocabSize: V }: Model, fused: boolean): Rule[] {
  const C = shape.width;
  return [
    same("wte.weight", "model.embed_tokens.weight", [V, C]),
    ...Array.from({ length: shape.layers }, (_, layer) => gatedBlock(layer, shape, config, fused)).flat(),
    same("ln_f.weight", "model.norm.weight", [C]),
    ...(config.tied ? [] : [same("lm_head.weight", "lm_head.weight", [V, C])]),
  ];
}

function gatedBlock(layer: number, shape: Model["shape"], config: ModelConfig, fused: boolean): Rule[] {
  const { bias, qkNorm } = config;
  const { width: C, heads: H, keyValueHeads: G, headWidth: D, mlpWidth: M } = shape;
  const [ours, theirs] = [`h.${layer}`, `model.layers.${layer}`];
  const apart = { "self_attn.q": H * D, "self_attn.k": G * D, "self_attn.v": G * D };
  const linear = (
    name: Parameters<typeof hasBias>[1],
    parts: Readonly<Record<string, number>>,
    columns: number,
  ) => {
    const named = Object.entries(parts).map(([part, rows]) => ({ name: `${theirs}.${part}_proj`, rows }));
    return sideBySide(`${ours}.${name}`, named, columns, hasBias(bias, name));
  };
  return [
    same(`${ours}.ln_1.weight`, `${theirs}.input_layernorm.weight`, [C]),
    ...linear("attn.c_attn", fused ? { "self_attn.qkv": (H + 2 * G) * D } : apart, C),
    ...(qkNorm
      ? ["q", "k"].map((part) =>
          same(`${ours}.attn.${part}_norm.weight`, `${theirs}.self_attn.${part}_norm.weight`, [D]),
        )
      : []),
    ...linear("attn.c_proj", { "self_attn.o": C }, H * D),
    same(`${ours}.ln_2.weight`, `${theirs}.post_attention_layernorm.weight`, [C]),
    ...linear("mlp.c_fc", fused ? { "mlp.gate_up": 2 * M } : { "mlp.gate": M, "mlp.up": M }, C),
    ...linear("mlp.c_proj", { "mlp.down": C }, M),
  ];
}
