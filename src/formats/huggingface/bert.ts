/**
 * BERT: bidirectional, post-norm, learned positions, normalized embeddings (Devlin et al. 2019).
 *
 * Every token is read as one of segment 0: its token type embedding is added to the table of
 * positions, and an export has zeros in the place of token types. A model saved without its
 * masked-LM head (BertModel) gets the table of tokens as its head: its states are those of Hugging
 * Face, its logits mean nothing.
 */
import { z } from "zod";
import type { Architecture, Fields } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import {
  bertBlockNames,
  encoderBlock,
  type HeadNames,
  headLack,
  maskedHead,
  segmentedPositions,
} from "./encoder-rules.ts";
import { geluName, geluOf, mlpWidthOf, size } from "./fields.ts";
import { countingIds } from "./ignored.ts";
import { normalization, same } from "./rules.ts";

/** Defaults are those of BertConfig. */
const schema = z.object({
  vocab_size: size.default(30_522),
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_act: geluName.default("gelu"),
  hidden_dropout_prob: z.number().default(0.1),
  max_position_embeddings: size.default(512),
  layer_norm_eps: z.number().default(1e-12),
  position_embedding_type: z.literal("absolute").nullish(),
  is_decoder: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(true),
});

/**
 * BertConfig has no other names for its fields; the pooler, dropout and the number of segments
 * change no logit of segment 0.
 */
const known: KnownFields<typeof schema> = {
  title: "BertConfig",
  schema,
  harmless: {
    ...whatever("attention_probs_dropout_prob type_vocab_size directionality pooler_fc_size"),
    ...whatever("pooler_type pooler_num_attention_heads pooler_num_fc_layers pooler_size_per_head"),
  },
};

const FIELDS: Fields = {
  layers: "said",
  heads: "said",
  width: "said",
  context: "said",
  dropout: "said",
  normEpsilon: "said",
  position: "said",
  mlpWidth: "said",
  headWidth: { is: undefined },
  keyValueHeads: { is: undefined },
  attention: { is: "bidirectional" },
  window: { is: undefined },
  temperature: { is: undefined },
  sinks: { is: undefined },
  gate: { is: undefined },
  norm: { is: "post" },
  normKind: { is: "layer" },
  mlp: { is: "gelu" },
  qkNorm: { is: false },
  bias: { is: true },
  tokenScale: { is: 1 },
  tied: "said",
  embeddingNorm: { is: true },
  residual: { is: "sequential" },
  gelu: "said",
  head: "said",
};

const HEAD = "cls.predictions";
const HEAD_NAMES: HeadNames = {
  transform: `${HEAD}.transform.dense`,
  norm: `${HEAD}.transform.LayerNorm`,
  bias: `${HEAD}.bias`,
  weight: `${HEAD}.decoder.weight`,
  biasCopy: `${HEAD}.decoder.bias`, // untied, its bias is two parameters there, and logits get this one
};
const WORDS = "bert.embeddings.word_embeddings.weight";

export const bert: Architecture = {
  type: "bert",
  title: "BERT",
  position: "learned",
  fields: FIELDS,
  prefix: "bert.",
  ignored: [
    countingIds(/^embeddings\.position_ids$/),
    { name: /^(pooler|cls\.seq_relationship)\./, what: "it reads the first token for another task" },
  ],
  ties: ({ head, tied }) =>
    head !== "transform"
      ? []
      : [
          ...(tied ? [{ copy: `${HEAD}.decoder.weight`, of: WORDS, unlike: "untie" } as const] : []),
          { copy: `${HEAD}.decoder.bias`, of: `${HEAD}.bias`, unlike: "prefer" },
        ],
  /** Until 2020 gains and biases of normalization were saved as gamma and beta. */
  aliases: (name) => [
    name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
  ],
  read(json, names, where) {
    const { config, notes } = readFields(known, json, where);
    const head = names.has(`${HEAD}.transform.dense.weight`);
    return {
      notes,
      vocabSize: config.vocab_size,
      model: {
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        width: config.hidden_size,
        ...mlpWidthOf(config.intermediate_size, config.hidden_size),
        context: config.max_position_embeddings,
        attention: "bidirectional",
        norm: "post",
        normEpsilon: config.layer_norm_eps,
        embeddingNorm: true,
        gelu: geluOf(config.hidden_act),
        tied: head ? config.tie_word_embeddings : true,
        head: head ? "transform" : "linear",
        dropout: config.hidden_dropout_prob,
        position: { kind: "learned" },
      },
    };
  },
  lacks: headLack,
  write({ shape, config, vocabSize }, tokenizer) {
    const { layers, heads, width, context } = shape;
    return {
      model_type: "bert",
      architectures: [config.head === "transform" ? "BertForMaskedLM" : "BertModel"],
      vocab_size: vocabSize,
      hidden_size: width,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      intermediate_size: shape.mlpWidth,
      hidden_act: config.gelu === "erf" ? "gelu" : "gelu_new",
      hidden_dropout_prob: config.dropout,
      attention_probs_dropout_prob: config.dropout,
      max_position_embeddings: context,
      type_vocab_size: 2,
      initializer_range: 1 / Math.sqrt(width),
      layer_norm_eps: config.normEpsilon,
      tie_word_embeddings: config.tied,
      pad_token_id: tokenizer.pad ?? null,
    };
  },
  rules({ shape, config, vocabSize: V }) {
    const { layers, width: C, context: P } = shape;
    return [
      same("wte.weight", WORDS, [V, C]),
      segmentedPositions("bert.embeddings", 0, [P, C]),
      ...normalization("ln_e", "bert.embeddings.LayerNorm", C),
      ...Array.from({ length: layers }, (_, layer) =>
        encoderBlock(layer, bertBlockNames(`bert.encoder.layer.${layer}`), C, shape.mlpWidth),
      ).flat(),
      ...(config.head === "transform" ? maskedHead(HEAD_NAMES, C, V, config.tied) : []),
    ];
  },
};
