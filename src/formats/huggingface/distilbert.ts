/**
 * DistilBERT: a BERT of half the layers without segments (Sanh et al. 2019, arXiv:1910.01108).
 *
 * Normalization has ε = 1e-12 whatever its config.json says. As with BERT, a model saved without
 * its head gets the table of tokens as its head.
 */
import { z } from "zod";
import type { Architecture } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import {
  ENCODER,
  type EncoderNames,
  encoderBlock,
  gammaAndBeta,
  type HeadNames,
  headLack,
  headTies,
  maskedHead,
} from "./encoder-rules.ts";
import { activationName, activationOf, activationWritten, gatedLack, mlpWidthOf, size } from "./fields.ts";
import { countingIds } from "./ignored.ts";
import { normalization, same } from "./rules.ts";

const EPSILON = 1e-12;

/** Defaults are those of DistilBertConfig. */
const schema = z.object({
  vocab_size: size.default(30_522),
  dim: size.default(768),
  n_layers: size.default(6),
  n_heads: size.default(12),
  hidden_dim: size.default(3072),
  activation: activationName.default("gelu"),
  dropout: z.number().default(0.1),
  max_position_embeddings: size.default(512),
  tie_word_embeddings: z.boolean().default(true),
});

/**
 * Those of DistilBertConfig's `attribute_map`. `sinusoidal_pos_embds` says what the table of
 * positions began as, and it is stored whatever it says; `tie_weights_` was its name for ties.
 */
const known: KnownFields<typeof schema> = {
  title: "DistilBertConfig",
  schema,
  aliases: { hidden_size: "dim", num_attention_heads: "n_heads", num_hidden_layers: "n_layers" },
  harmless: {
    ...whatever("attention_dropout qa_dropout seq_classif_dropout sinusoidal_pos_embds tie_weights_"),
    is_decoder: z.literal(false),
  },
};

const EMBEDDINGS = "distilbert.embeddings";
const WORDS = `${EMBEDDINGS}.word_embeddings.weight`;
const HEAD_NAMES: HeadNames = {
  transform: "vocab_transform",
  norm: "vocab_layer_norm",
  bias: "vocab_projector.bias",
  weight: "vocab_projector.weight",
};

export const distilBert: Architecture = {
  type: "distilbert",
  title: "DistilBERT",
  position: "learned",
  fields: { ...ENCODER, normEpsilon: { is: EPSILON }, mlp: "said" },
  prefix: "distilbert.",
  ignored: [countingIds(/^embeddings\.position_ids$/)],
  ties: headTies(HEAD_NAMES, WORDS),
  aliases: gammaAndBeta,
  read(json, names, where) {
    const { config, notes } = readFields(known, json, where);
    const head = names.has("vocab_transform.weight");
    return {
      notes,
      vocabSize: config.vocab_size,
      model: {
        layers: config.n_layers,
        heads: config.n_heads,
        width: config.dim,
        ...mlpWidthOf(config.hidden_dim, config.dim),
        context: config.max_position_embeddings,
        attention: "bidirectional",
        norm: "post",
        normEpsilon: EPSILON,
        embeddingNorm: true,
        ...activationOf(config.activation),
        tied: head ? config.tie_word_embeddings : true,
        head: head ? "transform" : "linear",
        dropout: config.dropout,
        position: { kind: "learned" },
      },
    };
  },
  lacks: (config) => [...headLack(config), ...gatedLack(config)],
  write({ shape, config, vocabSize }, tokenizer) {
    return {
      model_type: "distilbert",
      architectures: [config.head === "transform" ? "DistilBertForMaskedLM" : "DistilBertModel"],
      vocab_size: vocabSize,
      dim: shape.width,
      n_layers: shape.layers,
      n_heads: shape.heads,
      hidden_dim: shape.mlpWidth,
      activation: activationWritten(config),
      dropout: config.dropout,
      attention_dropout: config.dropout,
      max_position_embeddings: shape.context,
      initializer_range: 1 / Math.sqrt(shape.width),
      tie_word_embeddings: config.tied,
      pad_token_id: tokenizer.pad ?? null,
    };
  },
  rules({ shape, config, vocabSize: V }) {
    const { layers, width: C, context: P } = shape;
    return [
      same("wte.weight", WORDS, [V, C]),
      same("wpe.weight", `${EMBEDDINGS}.position_embeddings.weight`, [P, C]),
      ...normalization("ln_e", `${EMBEDDINGS}.LayerNorm`, C),
      ...Array.from({ length: layers }, (_, layer) =>
        encoderBlock(layer, blockNames(`distilbert.transformer.layer.${layer}`), C, shape.mlpWidth),
      ).flat(),
      ...(config.head === "transform" ? maskedHead(HEAD_NAMES, C, V, config.tied) : []),
    ];
  },
};

const blockNames = (theirs: string): EncoderNames => ({
  attention: [`${theirs}.attention.q_lin`, `${theirs}.attention.k_lin`, `${theirs}.attention.v_lin`],
  attentionOutput: `${theirs}.attention.out_lin`,
  attentionNorm: `${theirs}.sa_layer_norm`,
  mlp: [`${theirs}.ffn.lin1`, `${theirs}.ffn.lin2`],
  mlpNorm: `${theirs}.output_layer_norm`,
});
