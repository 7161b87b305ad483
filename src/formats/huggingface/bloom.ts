/**
 * BLOOM: causal, pre-norm, ALiBi, normalized embeddings (Scao et al. 2022, arXiv:2211.05100).
 *
 * Its code adds m·j to the scores of a row where the paper of ALiBi has −m·(i − j): the same after
 * a causal softmax.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { type Architecture, CLASSIC } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { size } from "./fields.ts";
import { blockFusedByHead, normalization, same } from "./rules.ts";
import { tiedHead } from "./ties.ts";

/** What BLOOM was trained at; its config.json names no longest context, and ALiBi needs none. */
const CONTEXT = 2048;

/** Defaults are those of BloomConfig. */
const schema = z.object({
  vocab_size: size.default(250_880),
  hidden_size: size.default(64),
  n_layer: size.default(2),
  n_head: size.default(8),
  layer_norm_epsilon: z.number().default(1e-5),
  hidden_dropout: z.number().default(0),
  seq_length: size.optional(),
  apply_residual_connection_post_layernorm: z.literal(false).default(false),
  /** Together they leave out the biases of attention's and the MLP's last layer there. */
  slow_but_exact: z.boolean().nullish(),
  pretraining_tp: z.number().nullish(),
  tie_word_embeddings: z.boolean().default(true),
});

/** Those of BloomConfig's `attribute_map`, and what its published files call the width and say besides. */
const known: KnownFields<typeof schema> = {
  title: "BloomConfig",
  schema,
  aliases: { num_attention_heads: "n_head", num_hidden_layers: "n_layer", n_embed: "hidden_size" },
  harmless: {
    ...whatever("attention_dropout attention_softmax_in_fp32"),
    ...whatever("bias_dropout_fusion masked_softmax_fusion offset_alibi skip_bias_add skip_bias_add_qkv"),
    n_inner: z.null(),
  },
};

export const bloom: Architecture = {
  type: "bloom",
  title: "BLOOM",
  position: "alibi",
  fields: { ...CLASSIC, mlpWidth: { is: undefined }, embeddingNorm: { is: true }, gelu: { is: "tanh" } },
  prefix: "transformer.",
  ignored: [],
  ties: tiedHead("lm_head.weight", "transformer.word_embeddings.weight"),
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const { slow_but_exact: slow, pretraining_tp: parts } = config;
    if (slow === true && typeof parts === "number" && parts > 1) {
      throw new InputError(
        `${where}: slow_but_exact true with pretraining_tp ${parts} leaves out biases there, which is not read; set slow_but_exact to false`,
      );
    }
    return {
      notes,
      vocabSize: config.vocab_size,
      model: {
        layers: config.n_layer,
        heads: config.n_head,
        width: config.hidden_size,
        context: config.seq_length ?? CONTEXT,
        embeddingNorm: true,
        normEpsilon: config.layer_norm_epsilon,
        tied: config.tie_word_embeddings,
        dropout: config.hidden_dropout,
        position: { kind: "alibi" },
      },
    };
  },
  write({ shape, config, vocabSize }, tokenizer) {
    return {
      model_type: "bloom",
      architectures: ["BloomForCausalLM"],
      vocab_size: vocabSize,
      hidden_size: shape.width,
      n_layer: shape.layers,
      n_head: shape.heads,
      seq_length: shape.context,
      initializer_range: 1 / Math.sqrt(shape.width),
      layer_norm_epsilon: config.normEpsilon,
      hidden_dropout: config.dropout,
      attention_dropout: config.dropout,
      apply_residual_connection_post_layernorm: false,
      tie_word_embeddings: config.tied,
      bos_token_id: tokenizer.bos ?? null,
      eos_token_id: tokenizer.eos ?? null,
    };
  },
  rules({ shape, config, vocabSize: V }) {
    const { layers, width: C } = shape;
    return [
      same("wte.weight", "transformer.word_embeddings.weight", [V, C]),
      ...normalization("ln_e", "transformer.word_embeddings_layernorm", C),
      ...Array.from({ length: layers }, (_, layer) =>
        blockFusedByHead(layer, `transformer.h.${layer}`, "self_attention", shape),
      ).flat(),
      ...normalization("ln_f", "transformer.ln_f", C),
      ...(config.tied ? [] : [same("lm_head.weight", "lm_head.weight", [V, C])]),
    ];
  },
};
