/** The fields of `model` in a preset, and the model that they describe. */
import { z } from "zod";
import { type EncodingDefinition, POSITIONS, type PositionEncoding } from "../encodings/encoding.ts";
import { encodings } from "../encodings/index.ts";
import type { ParamSpecs } from "../tensor/params.ts";
import { attentionFields } from "./attention-fields.ts";
import { fitsLayers, LIST_FAULT, MOST_LAYERS } from "./by-layer.ts";
import { layerEncodings } from "./hybrid.ts";
import { identify } from "./identity.ts";
import { type Dimensions, parameterSpecs } from "./parameters.ts";
import { positionSchema, positionsByLayer } from "./position-fields.ts";
import type { Tap } from "./taps.ts";

export type { Dimensions } from "./parameters.ts";

const MOST = { layers: MOST_LAYERS, heads: 4096, width: 2 ** 20, context: POSITIONS };

/**
 * `model`, with the defaults of the comparison: 2 layers, 4 heads, width 64, contexts of 32 tokens.
 *
 * @example
 * const config = modelSchema().parse({ position: { kind: "rope" } });
 * assert.deepEqual([config.layers, config.heads, config.width, config.context], [2, 4, 64, 32]);
 */
export function modelSchema(known: readonly EncodingDefinition[] = encodings) {
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

/** The fields of `model` in a preset, with every default filled in. */
export type ModelConfig = z.output<ReturnType<typeof modelSchema>>;

/** A model is plain data: its configuration, its encoding and the parameters that it asks for. */
export interface Model {
  readonly config: ModelConfig;
  readonly vocabSize: number;
  readonly shape: Dimensions;
  /** Where layers differ, what they are together: `encodingOf` has that of one layer. */
  readonly encoding: PositionEncoding;
  /** Of each layer, where they differ. */
  readonly byLayer?: readonly PositionEncoding[];
  readonly definition: EncodingDefinition;
  /** Each that a layer has, once. */
  readonly definitions: readonly EncodingDefinition[];
  readonly specs: ParamSpecs;
  /**
   * Changes activations in every pass, before any other tap sees them; left out, none is changed.
   * Where a long context is read in parts, it sees the scores of each part.
   */
  readonly tap?: Tap;
  /** What `tap` changes, as `ablated` was asked: rows of measurements carry it. */
  readonly ablated?: string;
}

/**
 * The model of a parsed configuration.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * assert.deepEqual(model.specs["wte.weight"]?.shape, [10, 8]); // (V,C)
 */
export function createModel(
  config: ModelConfig,
  vocabSize: number,
  known: readonly EncodingDefinition[] = encodings,
): Model {
  const shape = dimensionsOf(config);
  const positions = positionsByLayer(config, shape.layers);
  const encodings = layerEncodings(positions, known, shape);
  const model: Model = {
    ...{ config, vocabSize, shape, ...encodings },
    specs: parameterSpecs(config, shape, vocabSize, {
      whole: encodings.encoding,
      of: (layer) => encodingOf(encodings, layer),
    }),
  };
  identify(model);
  return model;
}

/** The encoding of a layer. */
export const encodingOf = (
  { encoding, byLayer }: Pick<Model, "encoding" | "byLayer">,
  layer: number,
): PositionEncoding => byLayer?.[layer] ?? encoding;

function dimensionsOf(config: ModelConfig): Dimensions {
  const { layers, heads, width, context, attention } = config;
  const { headWidth = width / heads, keyValueHeads = heads, mlpWidth = 4 * width } = config;
  return {
    layers,
    heads,
    width,
    headWidth,
    keyValueHeads,
    mlpWidth,
    context,
    causal: attention === "causal",
  };
}

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
