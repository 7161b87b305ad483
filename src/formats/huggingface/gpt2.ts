/**
 * GPT-2: causal, pre-norm, learned positions (Radford et al. 2019).
 *
 * Its names and layouts are ours, so that a step directory of such a model is a GPT-2 as it stands.
 */
import { z } from "zod";
import { type Architecture, CLASSIC } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { geluName, geluOf, mlpWidthOf, shortNames, size } from "./fields.ts";
import { masksOfBlocks } from "./ignored.ts";
import { same } from "./rules.ts";
import { tiedHead } from "./ties.ts";

/** Defaults are those of GPT2Config. */
const schema = z.object({
  vocab_size: size.default(50_257),
  n_positions: size.default(1024),
  /** The side of the causal mask, until 2021: nobody reads it, and it says n_positions again. */
  n_ctx: size.nullish(),
  n_embd: size.default(768),
  n_layer: size.default(12),
  n_head: size.default(12),
  n_inner: size.nullish(),
  activation_function: geluName.default("gelu_new"),
  layer_norm_epsilon: z.number().default(1e-5),
  resid_pdrop: z.number().default(0.1),
  tie_word_embeddings: z.boolean().default(true),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
});

/** Those of GPT2Config's `attribute_map`, with what changes no logit. */
const known: KnownFields<typeof schema> = {
  title: "GPT2Config",
  schema,
  aliases: shortNames,
  harmless: {
    ...whatever("embd_pdrop attn_pdrop reorder_and_upcast_attn summary_type summary_use_proj"),
    ...whatever("summary_activation summary_proj_to_labels summary_first_dropout"),
  },
};

export const gpt2: Architecture = {
  type: "gpt2",
  title: "GPT-2",
  position: "learned",
  fields: CLASSIC,
  prefix: "transformer.",
  ignored: masksOfBlocks,
  ties: tiedHead("lm_head.weight", "transformer.wte.weight"),
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const { n_embd: width, n_inner: inner } = config;
    const { n_ctx: side, n_positions: context } = config;
    const other =
      side && side !== context ? [`${where}: n_ctx ${side} is not read; n_positions is ${context}`] : [];
    return {
      notes: [...notes, ...other],
      vocabSize: config.vocab_size,
      model: {
        layers: config.n_layer,
        heads: config.n_head,
        width,
        ...mlpWidthOf(inner ?? 4 * width, width),
        context,
        gelu: geluOf(config.activation_function),
        normEpsilon: config.layer_norm_epsilon,
        tied: config.tie_word_embeddings,
        dropout: config.resid_pdrop,
        position: { kind: "learned" },
      },
    };
  },
  write({ shape, config, vocabSize }, tokenizer) {
    const { layers, heads, width, context } = shape;
    const { dropout, tied, gelu, normEpsilon } = config;
    return {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      vocab_size: vocabSize,
      n_positions: context,
      n_ctx: context,
      n_embd: width,
      n_layer: layers,
      n_head: heads,
      n_inner: shape.mlpWidth,
      activation_function: gelu === "tanh" ? "gelu_new" : "gelu",
      layer_norm_epsilon: normEpsilon,
      initializer_range: 1 / Math.sqrt(width),
      resid_pdrop: dropout,
      embd_pdrop: dropout,
      attn_pdrop: dropout,
      tie_word_embeddings: tied,
      bos_token_id: tokenizer.bos ?? null,
      eos_token_id: tokenizer.eos ?? null,
    };
  },
  rules: ({ specs }) =>
    Object.entries(specs).map(([name, { shape }]) =>
      same(name, name === "lm_head.weight" ? name : `transformer.${name}`, shape),
    ),
};
