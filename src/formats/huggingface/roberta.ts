/**
 * RoBERTa: BERT with another head and no second segment (Liu et al. 2019, arXiv:1907.11692).
 *
 * Positions are counted from behind the padding token's id: the first is row `pad_token_id` + 1 of
 * the table, and there are as many positions fewer. There a padding token stands at row
 * `pad_token_id` and is not counted; here every token is, and `probe` gives none.
 *
 * As with BERT, every token is read as one of segment 0, and a model saved without its head gets the
 * table of tokens as its head.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
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

/** Defaults are those of RobertaConfig. */
const schema = z.object({
  vocab_size: size.default(50_265),
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_act: geluName.default("gelu"),
  hidden_dropout_prob: z.number().default(0.1),
  max_position_embeddings: size.default(512),
  layer_norm_eps: z.number().default(1e-12),
  pad_token_id: z
    .int()
    .min(0)
    .max(2 ** 20)
    .default(1),
  position_embedding_type: z.literal("absolute").nullish(),
  is_decoder: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(true),
});

/** RobertaConfig has no other names for its fields. */
const known: KnownFields<typeof schema> = {
  title: "RobertaConfig",
  schema,
  harmless: whatever("attention_probs_dropout_prob type_vocab_size"),
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

const WORDS = "roberta.embeddings.word_embeddings.weight";
const HEAD_NAMES: HeadNames = {
  transform: "lm_head.dense",
  norm: "lm_head.layer_norm",
  bias: "lm_head.bias",
  weight: "lm_head.decoder.weight",
  biasCopy: "lm_head.decoder.bias", // untied, its bias is two parameters there, and logits get this one
};

export const roberta: Architecture = {
  type: "roberta",
  title: "RoBERTa",
  position: "learned",
  fields: FIELDS,
  prefix: "roberta.",
  ignored: [
    countingIds(/^embeddings\.position_ids$/),
    { name: /^pooler\./, what: "it reads the first token for another task" },
  ],
  ties: ({ head, tied }) =>
    head !== "transform"
      ? []
      : [
          ...(tied ? [{ copy: HEAD_NAMES.weight, of: WORDS, unlike: "untie" } as const] : []),
          { copy: "lm_head.decoder.bias", of: HEAD_NAMES.bias, unlike: "prefer" },
        ],
  read(json, names, where) {
    const { config, notes } = readFields(known, json, where);
    const { pad_token_id: pad, max_position_embeddings: rows, hidden_act: gelu } = config;
    const head = names.has("lm_head.dense.weight");
    if (head && gelu !== "gelu") {
      throw new InputError(
        `${where}: hidden_act ${JSON.stringify(gelu)} with a head, whose GELU is exact in RoBERTa; there must be one for both`,
      );
    }
    if (rows <= pad + 1) {
      throw new InputError(
        `${where}: max_position_embeddings ${rows} leaves no position behind pad_token_id ${pad}; fetch the model again`,
      );
    }
    return {
      notes,
      firstRow: pad + 1,
      vocabSize: config.vocab_size,
      model: {
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        width: config.hidden_size,
        ...mlpWidthOf(config.intermediate_size, config.hidden_size),
        context: rows - pad - 1,
        attention: "bidirectional",
        norm: "post",
        normEpsilon: config.layer_norm_eps,
        embeddingNorm: true,
        gelu: geluOf(gelu),
        tied: head ? config.tie_word_embeddings : true,
        head: head ? "transform" : "linear",
        dropout: config.hidden_dropout_prob,
        position: { kind: "learned" },
      },
    };
  },
  lacks: (config) => [
    ...headLack(config),
    ...(config.head === "transform" && config.gelu !== "erf"
      ? ['model.gelu "tanh" with model.head "transform"']
      : []),
  ],
  firstRow(tokenizer, where) {
    if (tokenizer.pad !== undefined) return tokenizer.pad + 1;
    throw new InputError(
      `${where}: RoBERTa counts positions from behind its padding token, and the tokenizer has none; export it as bert`,
    );
  },
  write({ shape, config, vocabSize }, _tokenizer, firstRow) {
    return {
      model_type: "roberta",
      architectures: [config.head === "transform" ? "RobertaForMaskedLM" : "RobertaModel"],
      vocab_size: vocabSize,
      hidden_size: shape.width,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      intermediate_size: shape.mlpWidth,
      hidden_act: config.gelu === "erf" ? "gelu" : "gelu_new",
      hidden_dropout_prob: config.dropout,
      attention_probs_dropout_prob: config.dropout,
      max_position_embeddings: firstRow + shape.context,
      type_vocab_size: 2,
      initializer_range: 1 / Math.sqrt(shape.width),
      layer_norm_eps: config.normEpsilon,
      tie_word_embeddings: config.tied,
      pad_token_id: firstRow - 1,
    };
  },
  rules({ shape, config, vocabSize: V }, firstRow) {
    const { layers, width: C, context: P } = shape;
    return [
      same("wte.weight", WORDS, [V, C]),
      segmentedPositions("roberta.embeddings", firstRow, [P, C]),
      ...normalization("ln_e", "roberta.embeddings.LayerNorm", C),
      ...Array.from({ length: layers }, (_, layer) =>
        encoderBlock(layer, bertBlockNames(`roberta.encoder.layer.${layer}`), C, shape.mlpWidth),
      ).flat(),
      ...(config.head === "transform" ? maskedHead(HEAD_NAMES, C, V, config.tied) : []),
    ];
  },
};
