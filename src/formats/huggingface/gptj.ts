/**
 * GPT-J: causal, attention and MLP side by side behind one norm, rotary positions on a part of each
 * head's columns, neighbours as pairs, no biases in attention, and one of each token in the head
 * (Wang and Komatsuzaki 2021).
 */
import { z } from "zod";
import { type Architecture, CLASSIC } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { geluName, geluOf, mlpWidthOf, shortNames, size } from "./fields.ts";
import { ropeOf } from "./gpt-neox-rope.ts";
import { masksOfBlocks } from "./ignored.ts";
import { sideBySide } from "./projections.ts";
import { linear, normalization, type Rule, same } from "./rules.ts";
import { tiedHead } from "./ties.ts";

const BASE = 10_000;

/** Defaults are those of GPTJConfig. */
const schema = z.object({
  vocab_size: size.default(50_400),
  n_positions: size.default(2048),
  n_embd: size.default(4096),
  n_layer: size.default(28),
  n_head: size.default(16),
  /** Columns of a head that turn. */
  rotary_dim: size.default(64),
  n_inner: size.nullish(),
  activation_function: geluName.default("gelu_new"),
  resid_pdrop: z.number().default(0),
  layer_norm_epsilon: z.number().default(1e-5),
  tie_word_embeddings: z.boolean().default(false),
});

/** Those of GPTJConfig's `attribute_map`, with what changes no logit. */
const known: KnownFields<typeof schema> = {
  title: "GPTJConfig",
  schema,
  aliases: shortNames,
  harmless: {
    ...whatever("embd_pdrop attn_pdrop summary_type summary_use_proj summary_activation"),
    ...whatever("summary_proj_to_labels summary_first_dropout n_ctx"),
    rotary: z.literal(true),
    scale_attn_weights: z.literal(true),
  },
};

export const gptJ: Architecture = {
  type: "gptj",
  title: "GPT-J",
  position: "rope",
  fields: { ...CLASSIC, bias: { is: "mlp" }, residual: { is: "parallel-one-norm" }, head: { is: "biased" } },
  prefix: "transformer.",
  ignored: masksOfBlocks,
  ties: tiedHead("lm_head.weight", "transformer.wte.weight"),
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const { n_embd: width, n_inner: inner } = config;
    return {
      notes,
      vocabSize: config.vocab_size,
      model: {
        layers: config.n_layer,
        heads: config.n_head,
        width,
        ...mlpWidthOf(inner ?? 4 * width, width),
        context: config.n_positions,
        bias: "mlp",
        residual: "parallel-one-norm",
        head: "biased",
        gelu: geluOf(config.activation_function),
        normEpsilon: config.layer_norm_epsilon,
        tied: config.tie_word_embeddings,
        dropout: config.resid_pdrop,
        position: {
          kind: "rope",
          layout: "interleaved",
          base: BASE,
          rotary: config.rotary_dim / (width / config.n_head),
        } as { kind: string },
      },
    };
  },
  lacks(config) {
    const { layout, base, scaling, turning } = ropeOf(config);
    return [
      ...(turning === undefined ? [] : [`model.position.turning ${turning} where all of rotary turns`]),
      ...(layout === "interleaved" ? [] : [`model.position.layout "${layout}" where it has "interleaved"`]),
      ...(base === BASE ? [] : [`model.position.base ${base} where it has ${BASE}`]),
      ...(scaling.kind === "none" ? [] : [`model.position.scaling "${scaling.kind}" where it has "none"`]),
    ];
  },
  write({ shape, config, vocabSize }, tokenizer) {
    const { dropout } = config;
    return {
      model_type: "gptj",
      architectures: ["GPTJForCausalLM"],
      vocab_size: vocabSize,
      n_positions: shape.context,
      n_embd: shape.width,
      n_layer: shape.layers,
      n_head: shape.heads,
      n_inner: shape.mlpWidth,
      rotary_dim: Math.floor(ropeOf(config).rotary * shape.headWidth + 1e-9), // as rope itself counts them
      activation_function: config.gelu === "tanh" ? "gelu_new" : "gelu",
      layer_norm_epsilon: config.normEpsilon,
      initializer_range: 1 / Math.sqrt(shape.width),
      resid_pdrop: dropout,
      embd_pdrop: dropout,
      attn_pdrop: dropout,
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
      ...normalization("ln_f", "transformer.ln_f", C),
      same("lm_head.bias", "lm_head.bias", [V]),
      ...(config.tied ? [] : [same("lm_head.weight", "lm_head.weight", [V, C])]),
    ];
  },
};

function block(layer: number, C: number, M: number): Rule[] {
  const [ours, theirs] = [`h.${layer}`, `transformer.h.${layer}`];
  const matrix = (name: string) => ({ name: `${theirs}.attn.${name}`, rows: C });
  return [
    ...normalization(`${ours}.ln_1`, `${theirs}.ln_1`, C),
    ...sideBySide(`${ours}.attn.c_attn`, ["q_proj", "k_proj", "v_proj"].map(matrix), C, false),
    ...sideBySide(`${ours}.attn.c_proj`, [matrix("out_proj")], C, false),
    ...linear(`${ours}.mlp.c_fc`, `${theirs}.mlp.fc_in`, [C, M]),
    ...linear(`${ours}.mlp.c_proj`, `${theirs}.mlp.fc_out`, [M, C]),
  ];
}
