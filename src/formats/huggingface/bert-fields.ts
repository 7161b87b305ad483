/** The fields of config.json that BERT and RoBERTa have in common, both ways. */
import { z } from "zod";
import type { Model } from "../../model/model.ts";
import type { ModelFields } from "./architecture.ts";
import { geluName, geluOf, mlpWidthOf, size } from "./fields.ts";

/** @param vocabulary the class's default */
export const bertFields = (vocabulary: number) => ({
  vocab_size: size.default(vocabulary),
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

type BertConfig = z.output<z.ZodObject<ReturnType<typeof bertFields>>>;

/**
 * `model` of a parsed config.json.
 *
 * @param head whether its masked-LM head was saved
 */
export const bertModel = (
  config: BertConfig,
  { context, head }: { readonly context: number; readonly head: boolean },
): ModelFields => ({
  layers: config.num_hidden_layers,
  heads: config.num_attention_heads,
  width: config.hidden_size,
  ...mlpWidthOf(config.intermediate_size, config.hidden_size),
  context,
  attention: "bidirectional",
  norm: "post",
  normEpsilon: config.layer_norm_eps,
  embeddingNorm: true,
  gelu: geluOf(config.hidden_act),
  tied: head ? config.tie_word_embeddings : true,
  head: head ? "transform" : "linear",
  dropout: config.hidden_dropout_prob,
  position: { kind: "learned" },
});

/** @param rows of the table of positions */
export const writtenBert = ({ shape, config, vocabSize }: Model, rows: number) => ({
  vocab_size: vocabSize,
  hidden_size: shape.width,
  num_hidden_layers: shape.layers,
  num_attention_heads: shape.heads,
  intermediate_size: shape.mlpWidth,
  hidden_act: config.gelu === "erf" ? "gelu" : "gelu_new",
  hidden_dropout_prob: config.dropout,
  attention_probs_dropout_prob: config.dropout,
  max_position_embeddings: rows,
  type_vocab_size: 2,
  initializer_range: 1 / Math.sqrt(shape.width),
  layer_norm_eps: config.normEpsilon,
  tie_word_embeddings: config.tied,
});
