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

/** Defaults are those of RobertaConfig. */
const schema = z.object({
  ...bertFields(50_265),
  pad_token_id: z
    .int()
    .min(0)
    .max(2 ** 20)
    .default(1),
});

/** RobertaConfig has no other names for its fields. */
const known: KnownFields<typeof schema> = {
  title: "RobertaConfig",
  schema,
  harmless: whatever("attention_probs_dropout_prob type_vocab_size"),
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
  fields: ENCODER,
  prefix: "roberta.",
  ignored: [
    countingIds(/^embeddings\.position_ids$/),
    { name: /^pooler\./, what: "it reads the first token for another task" },
  ],
  ties: headTies(HEAD_NAMES, WORDS),
  aliases: gammaAndBeta,
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
      model: bertModel(config, { context: rows - pad - 1, head }),
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
  write: (model, _tokenizer, firstRow) => ({
    model_type: "roberta",
    architectures: [model.config.head === "transform" ? "RobertaForMaskedLM" : "RobertaModel"],
    ...writtenBert(model, firstRow + model.shape.context),
    pad_token_id: firstRow - 1,
  }),
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
