/**
 * BERT: bidirectional, post-norm, learned positions, normalized embeddings (Devlin et al. 2019).
 *
 * Every token is read as one of segment 0: its token type embedding is added to the table of
 * positions, and an export has zeros in the place of token types. A model saved without its
 * masked-LM head (BertModel) gets the table of tokens as its head: its states are those of Hugging
 * Face, its logits mean nothing.
 */
import { z } from "zod";
import type { Architecture } from "./architecture.ts";
import { bertFields, bertModel, writtenBert } from "./bert-fields.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import {
  bertBlockNames,
  ENCODER,
  encoderBlock,
  gammaAndBeta,
  type HeadNames,
  headLack,
  headTies,
  maskedHead,
  segmentedPositions,
} from "./encoder-rules.ts";
import { countingIds } from "./ignored.ts";
import { normalization, same } from "./rules.ts";

/** Defaults are those of BertConfig. */
const schema = z.object(bertFields(30_522));

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
  fields: ENCODER,
  prefix: "bert.",
  ignored: [
    countingIds(/^embeddings\.position_ids$/),
    { name: /^(pooler|cls\.seq_relationship)\./, what: "it reads the first token for another task" },
  ],
  ties: headTies(HEAD_NAMES, WORDS),
  aliases: gammaAndBeta,
  read(json, names, where) {
    const { config, notes } = readFields(known, json, where);
    const head = names.has(`${HEAD}.transform.dense.weight`);
    return {
      notes,
      vocabSize: config.vocab_size,
      model: bertModel(config, { context: config.max_position_embeddings, head }),
    };
  },
  lacks: headLack,
  write: (model, tokenizer) => ({
    model_type: "bert",
    architectures: [model.config.head === "transform" ? "BertForMaskedLM" : "BertModel"],
    ...writtenBert(model, model.shape.context),
    pad_token_id: tokenizer.pad ?? null,
  }),
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
