/**
 * OPT: causal, pre-norm, learned positions, ReLU (Zhang et al. 2022, arXiv:2205.01068).
 *
 * Position 0 is row 2 of its table: rows 0 and 1 were those of padding in the code that it was
 * trained with. Not read are the post-norm one of 350 million parameters, whose embeddings are
 * narrower than its states, and Galactica's without biases. Normalization has ε = 1e-5 whatever its
 * config.json says.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { type Architecture, CLASSIC } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { activationName, activationOf, activationWritten, gatedLack, mlpWidthOf, size } from "./fields.ts";
import { sideBySide } from "./projections.ts";
import { linear, normalization, type Rule, rowsFrom, same } from "./rules.ts";
import { tiedHead } from "./ties.ts";

const FIRST_ROW = 2;
const EPSILON = 1e-5;

/** Defaults are those of OPTConfig. */
const schema = z.object({
  vocab_size: size.default(50_272),
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  ffn_dim: size.default(3072),
  max_position_embeddings: size.default(2048),
  do_layer_norm_before: z.literal(true).default(true),
  _remove_final_layer_norm: z.literal(false).default(false),
  word_embed_proj_dim: size.nullish(),
  dropout: z.number().default(0.1),
  num_attention_heads: size.default(12),
  activation_function: activationName.default("relu"),
  enable_bias: z.literal(true).default(true),
  layer_norm_elementwise_affine: z.literal(true).default(true),
  tie_word_embeddings: z.boolean().default(true),
});

/** OPTConfig has no other names for its fields. */
const known: KnownFields<typeof schema> = {
  title: "OPTConfig",
  schema,
  harmless: whatever("attention_dropout activation_dropout layerdrop init_std"),
};

const DECODER = "model.decoder";
const WORDS = `${DECODER}.embed_tokens.weight`;

export const opt: Architecture = {
  type: "opt",
  title: "OPT",
  position: "learned",
  fields: { ...CLASSIC, normEpsilon: { is: EPSILON }, mlp: "said" },
  prefix: "model.",
  ignored: [],
  ties: tiedHead("lm_head.weight", WORDS),
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const { hidden_size: width, word_embed_proj_dim: words } = config;
    if (typeof words === "number" && words !== width) {
      throw new InputError(
        `${where}: word_embed_proj_dim ${words} is not hidden_size ${width}: embeddings of another width than the states are not read`,
      );
    }
    return {
      notes,
      firstRow: FIRST_ROW,
      vocabSize: config.vocab_size,
      model: {
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        width,
        ...mlpWidthOf(config.ffn_dim, width),
        context: config.max_position_embeddings,
        ...activationOf(config.activation_function),
        normEpsilon: EPSILON,
        tied: config.tie_word_embeddings,
        dropout: config.dropout,
        position: { kind: "learned" },
      },
    };
  },
  lacks: gatedLack,
  firstRow: () => FIRST_ROW,
  write({ shape, config, vocabSize }, tokenizer) {
    return {
      model_type: "opt",
      architectures: ["OPTForCausalLM"],
      vocab_size: vocabSize,
      hidden_size: shape.width,
      word_embed_proj_dim: shape.width,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      ffn_dim: shape.mlpWidth,
      max_position_embeddings: shape.context,
      do_layer_norm_before: true,
      activation_function: activationWritten(config),
      dropout: config.dropout,
      attention_dropout: config.dropout,
      init_std: 1 / Math.sqrt(shape.width),
      enable_bias: true,
      layer_norm_elementwise_affine: true,
      tie_word_embeddings: config.tied,
      pad_token_id: tokenizer.pad ?? null,
      bos_token_id: tokenizer.bos ?? null,
      eos_token_id: tokenizer.eos ?? null,
    };
  },
  rules({ shape, config, vocabSize: V }, firstRow) {
    const { layers, width: C, context: P } = shape;
    return [
      same("wte.weight", WORDS, [V, C]),
      rowsFrom(firstRow, "wpe.weight", `${DECODER}.embed_positions.weight`, [P, C]),
      ...Array.from({ length: layers }, (_, layer) => block(layer, C, shape.mlpWidth)).flat(),
      ...normalization("ln_f", `${DECODER}.final_layer_norm`, C),
      ...(config.tied ? [] : [same("lm_head.weight", "lm_head.weight", [V, C])]),
    ];
  },
};

function block(layer: number, C: number, M: number): Rule[] {
  const [ours, theirs] = [`h.${layer}`, `${DECODER}.layers.${layer}`];
  const projections = ["q_proj", "k_proj", "v_proj"].map((part) => `${theirs}.self_attn.${part}`);
  return [
    ...normalization(`${ours}.ln_1`, `${theirs}.self_attn_layer_norm`, C),
    ...sideBySide(
      `${ours}.attn.c_attn`,
      projections.map((name) => ({ name, rows: C })),
      C,
      true,
    ),
    ...linear(`${ours}.attn.c_proj`, `${theirs}.self_attn.out_proj`, [C, C]),
    ...normalization(`${ours}.ln_2`, `${theirs}.final_layer_norm`, C),
    ...linear(`${ours}.mlp.c_fc`, `${theirs}.fc1`, [C, M]),
    ...linear(`${ours}.mlp.c_proj`, `${theirs}.fc2`, [M, C]),
  ];
}
