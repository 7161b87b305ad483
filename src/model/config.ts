/** The fields of `model` in a preset. */
import { z } from "zod";
import { type EncodingDefinition, POSITIONS } from "../encodings/encoding.ts";
import { encodings } from "../encodings/index.ts";
import { attentionFields } from "./attention-fields.ts";
import { fitsLayers, LIST_FAULT, MOST_LAYERS } from "./by-layer.ts";
import { positionSchema } from "./position-fields.ts";

const MOST = { layers: MOST_LAYERS, heads: 4096, width: 2 ** 20, context: POSITIONS };

/**
 * `model`, with the defaults of the comparison: 2 layers, 4 heads, width 64, contexts of 32 tokens.
 *
 * @example
 * const config = modelSchema().parse({ position: { kind: "rope" } });
 * assert.deepEqual([config.layers, config.heads, config.width, config.context], [2, 4, 64, 32]);
 */
export function modelSchema(known: readonly EncodingDefinition[] = encodings): ModelSchema {
  const made = schemas.get(known) ?? schemaOf(known);
  schemas.set(known, made);
  return made;
}

type ModelSchema = ReturnType<typeof schemaOf>;

/** Making one takes longer than all that it checks. */
const schemas = new WeakMap<readonly EncodingDefinition[], ModelSchema>();

function schemaOf(known: readonly EncodingDefinition[]) {
  return z
    .strictObject({
      layers: z.int().positive().max(MOST.layers).default(2),
      heads: z.int().positive().max(MOST.heads).default(4),
      width: z.int().positive().max(MOST.width).default(64),
      /** D, the width of a head; width/heads when left out. */
      headWidth: z.int().positive().max(MOST.width).optional(),
      /**
       * Heads of keys and values, each shared by as many query heads (Ainslie et al. 2023); all of
       * `heads` when left out.
       */
      keyValueHeads: z.int().positive().max(MOST.heads).optional(),
      /** Of the MLP's hidden layer; 4·width when left out. */
      mlpWidth: z.int().positive().max(MOST.width).optional(),
      /** L_max */
      context: z.int().positive().max(MOST.context).default(32),
      attention: z.enum(["causal", "bidirectional"]).default("causal"),
      ...attentionFields,
      /**
       * Where layer normalization stands: before each sub-layer (GPT-2) or after each sum (BERT,
       * Vaswani et al.).
       */
      norm: z.enum(["pre", "post"]).default("pre"),
      /**
       * What normalizes: layer normalization, or RMSNorm, which takes no mean away and adds no bias
       * (Zhang and Sennrich 2019; Llama).
       */
      normKind: z.enum(["layer", "rms"]).default("layer"),
      /** Normalization of each head's queries and keys, before they are turned (Qwen3). */
      qkNorm: z.boolean().default(false),
      /** What is added under the square root of normalization: 1e-5 in GPT-2, 1e-12 in BERT. */
      normEpsilon: z.number().positive().max(1).default(1e-5),
      /** Layer normalization of the embeddings, their positions included (BERT, BLOOM). */
      embeddingNorm: z.boolean().default(false),
      /**
       * Whether the MLP reads what attention has added (GPT-2), or both read the same stream, each by
       * a norm of its own (GPT-NeoX) or by one for both (GPT-J).
       */
      residual: z.enum(["sequential", "parallel", "parallel-one-norm"]).default("sequential"),
      /**
       * What the MLP computes: c_proj(gelu(c_fc(x))), the same with ReLU (OPT), or c_proj(silu(gate)·up),
       * gate and up of c_fc (Llama).
       */
      mlp: z.enum(["gelu", "relu", "swiglu"]).default("gelu"),
      /** GELU by its tanh approximation (GPT-2, BLOOM) or exact (BERT, GPT-NeoX). */
      gelu: z.enum(["tanh", "erf"]).default("tanh"),
      /**
       * Biases of linear layers: of all, of none, of attention's four, of the projection of queries,
       * keys and values alone (Qwen2), or of the MLP's. Layer normalization has its own but for false.
       */
      bias: z.union([z.boolean(), z.enum(["attention", "qkv", "mlp"])]).default(true),
      /** One matrix for token embeddings and output (Press and Wolf 2017). */
      tied: z.boolean().default(true),
      /**
       * What reads the last state: one matrix, the same with a bias of each token (GPT-J), or BERT's
       * dense layer, GELU and norm before both.
       */
      head: z.enum(["linear", "biased", "transform"]).default("linear"),
      dropout: z.number().min(0).lt(1).default(0),
      /** Factor on token embeddings; Vaswani et al. have √width. */
      tokenScale: z.number().positive().max(1e6).default(1),
      position: positionSchema(known),
    })
    .refine(({ width, heads, headWidth }) => headWidth !== undefined || width % heads === 0, {
      path: ["width"],
      error: "must be a multiple of model.heads, or model.headWidth be given",
    })
    .refine(({ heads, keyValueHeads = heads }) => heads % keyValueHeads === 0, {
      path: ["keyValueHeads"],
      error: "must divide model.heads",
    })
    .refine(({ position, layers }) => fitsLayers(position, layers), {
      path: ["position"],
      error: LIST_FAULT,
    })
    .refine(({ window, layers }) => fitsLayers(window, layers), { path: ["window"], error: LIST_FAULT })
    .refine(({ temperature, layers }) => fitsLayers(temperature, layers), {
      path: ["temperature"],
      error: LIST_FAULT,
    })
    .refine(({ mlp, gelu }) => mlp === "gelu" || gelu === "tanh", {
      path: ["gelu"],
      error: 'says nothing with model.mlp "relu" or "swiglu"; leave it out',
    })
    .refine(({ norm, residual }) => norm === "pre" || residual === "sequential", {
      path: ["residual"],
      error: 'is "parallel" or "parallel-one-norm" with model.norm "pre" only',
    });
}

/**
 * The fields of `model` in a preset, with every default filled in.
 *
 * @useDeclaredType
 */
export type ModelConfig = z.output<ModelSchema>;

/** The configuration with dimensions left out where they say what leaving them out says. */
export function withoutDefaults(config: ModelConfig): ModelConfig {
  const { headWidth, keyValueHeads, mlpWidth, sinks, ...rest } = config;
  const { width, heads } = config;
  return {
    ...rest,
    ...(sinks && { sinks }),
    ...(headWidth !== undefined && headWidth !== width / heads && { headWidth }),
    ...(keyValueHeads !== undefined && keyValueHeads !== heads && { keyValueHeads }),
    ...(mlpWidth !== undefined && mlpWidth !== 4 * width && { mlpWidth }),
  };
}
