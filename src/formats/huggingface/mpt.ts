/**
 * MPT: causal, pre-norm, ALiBi, no biases (MosaicML 2023).
 *
 * Its code adds m·(j − S + 1) to the scores where the paper of ALiBi has −m·(i − j): the same after a
 * causal softmax. Where heads are no power of two it takes every other slope of the next one, those
 * of even places first: the same slopes in the same order as the authors' code and ours.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { type Architecture, CLASSIC } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { size } from "./fields.ts";
import { type Rule, reordered, same } from "./rules.ts";
import { tiedHead } from "./ties.ts";

/** Defaults are those of MptConfig. */
const schema = z.object({
  vocab_size: size.default(50_368),
  d_model: size.default(2048),
  n_layers: size.default(24),
  n_heads: size.default(16),
  /** Hugging Face's code has 4, whatever is said. */
  expansion_ratio: z.literal(4).default(4),
  max_seq_len: size.default(2048),
  layer_norm_epsilon: z.number().default(1e-5),
  resid_pdrop: z.number().default(0),
  no_bias: z.literal(true).default(true),
  logit_scale: z.null().optional(),
  tie_word_embeddings: z.boolean().default(true),
  attn_config: z.looseObject({}).nullish(),
});

/** Those of MptConfig's `attribute_map`, and what its published files say besides. */
const known: KnownFields<typeof schema> = {
  title: "MptConfig",
  schema,
  aliases: { hidden_size: "d_model", num_attention_heads: "n_heads", num_hidden_layers: "n_layers" },
  harmless: {
    // with ALiBi there is no table of positions, whatever `learned_pos_emb` says
    ...whatever(
      "emb_pdrop embedding_fraction init_device init_config learned_pos_emb verbose tokenizer_name",
    ),
    norm_type: z.enum(["low_precision_layernorm", "layernorm"]),
  },
};

/** Defaults are those of MptAttentionConfig. */
const attentionSchema = z.object({
  attn_type: z.literal("multihead_attention").default("multihead_attention"),
  alibi: z.literal(true).default(true),
  alibi_bias_max: z.literal(8).default(8),
  clip_qkv: z.union([z.null(), z.literal(0)]).optional(),
  softmax_scale: z.number().nullish(),
  prefix_lm: z.literal(false).default(false),
  qk_ln: z.literal(false).default(false),
  attn_uses_sequence_id: z.literal(false).default(false),
});

const knownAttention: KnownFields<typeof attentionSchema> = {
  title: "MptAttentionConfig",
  schema: attentionSchema,
  harmless: whatever("attn_pdrop attn_impl"),
};

export const mpt: Architecture = {
  type: "mpt",
  title: "MPT",
  position: "alibi",
  fields: { ...CLASSIC, mlpWidth: { is: undefined }, bias: { is: false }, gelu: { is: "erf" } },
  prefix: "transformer.",
  ignored: [],
  ties: tiedHead("lm_head.weight", "transformer.wte.weight"),
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const within = `${where}: attn_config`;
    const attention = readFields(knownAttention, config.attn_config ?? {}, within);
    const D = config.d_model / config.n_heads;
    const { softmax_scale: scale } = attention.config;
    if (typeof scale === "number" && Math.abs(scale * Math.sqrt(D) - 1) > 1e-6) {
      throw new InputError(
        `${within}: softmax_scale ${scale} is not 1/√${D}, the only scale that is read; it would be another model`,
      );
    }
    return {
      notes: [...notes, ...attention.notes],
      vocabSize: config.vocab_size,
      model: {
        layers: config.n_layers,
        heads: config.n_heads,
        width: config.d_model,
        context: config.max_seq_len,
        normEpsilon: config.layer_norm_epsilon,
        bias: false,
        gelu: "erf",
        tied: config.tie_word_embeddings,
        dropout: config.resid_pdrop,
        position: { kind: "alibi" },
      },
    };
  },
  write({ shape, config, vocabSize }, tokenizer) {
    return {
      model_type: "mpt",
      architectures: ["MptForCausalLM"],
      vocab_size: vocabSize,
      d_model: shape.width,
      n_layers: shape.layers,
      n_heads: shape.heads,
      expansion_ratio: 4,
      max_seq_len: shape.context,
      layer_norm_epsilon: config.normEpsilon,
      resid_pdrop: config.dropout,
      emb_pdrop: config.dropout,
      learned_pos_emb: false,
      no_bias: true,
      initializer_range: 1 / Math.sqrt(shape.width),
      attn_config: { alibi: true, alibi_bias_max: 8, attn_type: "multihead_attention" },
      tie_word_embeddings: config.tied,
      bos_token_id: tokenizer.bos ?? null,
      eos_token_id: tokenizer.eos ?? null,
    };
  },
  rules({ shape, config, vocabSize: V }) {
    const { layers, width: C } = shape;
    return [
      same("wte.weight", "transformer.wte.weight", [V, C]),
      ...Array.from({ length: layers }, (_, layer) => block(layer, C, shape.mlpWidth)).flat(),
      same("ln_f.weight", "transformer.norm_f.weight", [C]),
      ...(config.tied ? [] : [same("lm_head.weight", "lm_head.weight", [V, C])]),
    ];
  },
};

function block(layer: number, C: number, M: number): Rule[] {
  const [ours, theirs] = [`h.${layer}`, `transformer.blocks.${layer}`];
  const matrix = (name: string, of: string, [rows, columns]: readonly [number, number]) =>
    reordered(`${ours}.${name}.weight`, [`${theirs}.${of}.weight`], [columns, rows], {
      axes: [columns, rows],
      order: [1, 0],
    });
  return [
    same(`${ours}.ln_1.weight`, `${theirs}.norm_1.weight`, [C]),
    matrix("attn.c_attn", "attn.Wqkv", [C, 3 * C]),
    matrix("attn.c_proj", "attn.out_proj", [C, C]),
    same(`${ours}.ln_2.weight`, `${theirs}.norm_2.weight`, [C]),
    matrix("mlp.c_fc", "ffn.up_proj", [C, M]),
    matrix("mlp.c_proj", "ffn.down_proj", [M, C]),
  ];
}
