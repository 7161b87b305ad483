/**
 * GPT-NeoX and Pythia: causal, pre-norm, rotary positions on a part of each head's columns,
 * attention and MLP side by side or one after the other (Black et al. 2022, arXiv:2204.06745).
 */
import { z } from "zod";
import { type Architecture, CLASSIC } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { geluName, geluOf, mlpWidthOf, size } from "./fields.ts";
import { ropeOf, ropeSchema, turningOf, unscaledFrequencies } from "./gpt-neox-rope.ts";
import { causalMask, hiddenScore, inverseFrequencies } from "./ignored.ts";
import { scalingLacks, writtenScaling } from "./rope-written.ts";
import { blockFusedByHead, normalization, same } from "./rules.ts";
import { tiedHead } from "./ties.ts";

/** Defaults are those of GPTNeoXConfig. */
const schema = z.object({
  vocab_size: size.default(50_432),
  hidden_size: size.default(6144),
  num_hidden_layers: size.default(44),
  num_attention_heads: size.default(64),
  intermediate_size: size.default(24_576),
  hidden_act: geluName.default("gelu"),
  hidden_dropout: z.number().default(0),
  max_position_embeddings: size.default(2048),
  layer_norm_eps: z.number().default(1e-5),
  tie_word_embeddings: z.boolean().default(false),
  use_parallel_residual: z.boolean().default(true),
  attention_bias: z.literal(true).default(true),
  ...ropeSchema.shape,
});

/** GPTNeoXConfig has no other names for its fields. */
const known: KnownFields<typeof schema> = {
  title: "GPTNeoXConfig",
  schema,
  harmless: whatever("attention_dropout is_decoder"),
};

export const gptNeoX: Architecture = {
  type: "gpt_neox",
  title: "GPT-NeoX",
  position: "rope",
  fields: { ...CLASSIC, residual: "said" },
  prefix: "gpt_neox.",
  ignored: [
    causalMask(/\.attention\.bias$/),
    hiddenScore(/\.attention\.masked_bias$/),
    inverseFrequencies(/\.attention\.rotary_emb\.inv_freq$/, unscaledFrequencies),
  ],
  ties: tiedHead("embed_out.weight", "gpt_neox.embed_in.weight"),
  aliases: (name) => (name === "embed_out.weight" ? ["lm_head.weight"] : []),
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const { hidden_size: width } = config;
    const turning = turningOf(config, where);
    return {
      notes: [...notes, ...turning.notes],
      vocabSize: config.vocab_size,
      model: {
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        width,
        ...mlpWidthOf(config.intermediate_size, width),
        context: config.max_position_embeddings,
        residual: config.use_parallel_residual ? "parallel" : "sequential",
        gelu: geluOf(config.hidden_act),
        normEpsilon: config.layer_norm_eps,
        tied: config.tie_word_embeddings,
        dropout: config.hidden_dropout,
        position: {
          ...{ kind: "rope", layout: "halves", base: turning.base, rotary: turning.rotary },
          scaling: turning.scaling,
        } as { kind: string },
      },
    };
  },
  lacks(config) {
    const { layout, scaling, turning } = ropeOf(config);
    return [
      ...(turning === undefined ? [] : [`model.position.turning ${turning} where all of rotary turns`]),
      ...(layout === "halves" ? [] : [`model.position.layout "${layout}" where it has "halves"`]),
      ...(config.residual === "parallel-one-norm"
        ? ['model.residual "parallel-one-norm" where it has a norm for each']
        : []),
      ...scalingLacks(scaling),
    ];
  },
  write({ shape, config, vocabSize }, tokenizer) {
    const { base, rotary, scaling } = ropeOf(config);
    const R = Math.floor(rotary * shape.headWidth + 1e-9);
    const said = writtenScaling(scaling, shape.context, R);
    return {
      model_type: "gpt_neox",
      architectures: ["GPTNeoXForCausalLM"],
      vocab_size: vocabSize,
      hidden_size: shape.width,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      intermediate_size: shape.mlpWidth,
      hidden_act: config.gelu === "erf" ? "gelu" : "gelu_new",
      hidden_dropout: config.dropout,
      attention_dropout: config.dropout,
      attention_bias: true,
      max_position_embeddings: shape.context,
      initializer_range: 1 / Math.sqrt(shape.width),
      layer_norm_eps: config.normEpsilon,
      tie_word_embeddings: config.tied,
      use_parallel_residual: config.residual === "parallel",
      rope_parameters: { ...said, rope_theta: base, partial_rotary_factor: rotary },
      rope_scaling: scaling.kind === "none" ? null : said,
      // Libraries of before 2025 know only these, and take 25 % where they are missing.
      rotary_pct: rotary,
      rotary_emb_base: base,
      bos_token_id: tokenizer.bos ?? null,
      eos_token_id: tokenizer.eos ?? null,
    };
  },
  rules({ shape, config, vocabSize: V }) {
    const { layers, width: C } = shape;
    return [
      same("wte.weight", "gpt_neox.embed_in.weight", [V, C]),
      ...Array.from({ length: layers }, (_, layer) =>
        blockFusedByHead(layer, `gpt_neox.layers.${layer}`, "attention", shape),
      ).flat(),
      ...normalization("ln_f", "gpt_neox.final_layer_norm", C),
      ...(config.tied ? [] : [same("lm_head.weight", "embed_out.weight", [V, C])]),
    ];
  },
};
