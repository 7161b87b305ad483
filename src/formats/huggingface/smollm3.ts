/**
 * SmolLM3: as Llama, with no rotation in some layers, by default in every fourth (Bakouch et al. 2025,
 * "SmolLM3"; Yang et al. 2025, arXiv:2501.18795), which may have a sliding window.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { MOST_LAYERS, ofLayers } from "../../model/by-layer.ts";
import type { ModelConfig } from "../../model/config.ts";
import type { Position } from "../../model/position-fields.ts";
import type { Architecture } from "./architecture.ts";
import { type KnownFields, readFields, whatever } from "./config-fields.ts";
import { size } from "./fields.ts";
import {
  biasOf,
  GATED,
  gatedFields,
  gatedModel,
  gatedRules,
  gatedTies,
  harmlessInGated,
  writtenBias,
  writtenGated,
} from "./gated.ts";
import { readRope } from "./rope-parameters.ts";
import { ropeLacks } from "./rope-written.ts";
import { windowFields, windowLacks, windowOf, writtenWindow } from "./windows.ts";

const BASE = 2_000_000;
/** What config.json says of a rotation that no layer has. */
const UNTURNED = { kind: "rope", layout: "halves", base: BASE, rotary: 1, scaling: { kind: "none" } };

/** Defaults are those of SmolLM3Config. */
const schema = z.object({
  ...gatedFields({
    vocabulary: 128_256,
    width: 2048,
    mlpWidth: 11_008,
    layers: 36,
    heads: 16,
    context: 32_768,
  }),
  num_key_value_heads: size.nullable().default(4),
  head_dim: size.nullish(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
  ...windowFields,
  /** 1 where a layer turns its queries and keys, 0 where it does not; entries past the last layer are not read. */
  no_rope_layers: z
    .array(z.union([z.literal(0), z.literal(1)]))
    .max(MOST_LAYERS)
    .nullish(),
  no_rope_layer_interval: size.default(4),
});

const known: KnownFields<typeof schema> = {
  title: "SmolLM3Config",
  schema,
  harmless: { ...harmlessInGated, ...whatever("max_window_layers") },
};

export const smolLm3: Architecture = {
  type: "smollm3",
  title: "SmolLM3",
  position: "rope",
  hybrids: ["rope+none (by layer)", "none+rope (by layer)", "none"],
  fields: { ...GATED, bias: "said", window: "said" },
  prefix: "model.",
  ignored: [],
  ties: gatedTies,
  read(json, _names, where) {
    const { config, notes } = readFields(known, json, where);
    const rope = readRope(config, BASE, where);
    const { no_rope_layers: given, no_rope_layer_interval: every, num_hidden_layers: layers } = config;
    if (given && given.length < layers)
      throw new InputError(
        `${where}: no_rope_layers has ${given.length} entries for ${layers} layers; give one each`,
      );
    const turns = (layer: number) => (given ? given[layer] === 1 : (layer + 1) % every !== 0);
    const model = gatedModel(config, rope);
    const turning = Array.from({ length: layers }, (_, layer) => turns(layer));
    const positions = turning.map((one) => (one ? (model.position as Position) : { kind: "none" }));
    return {
      notes: [...notes, ...rope.notes],
      vocabSize: config.vocab_size,
      model: {
        ...model,
        bias: biasOf(config.attention_bias, config.mlp_bias),
        ...(turning.every(Boolean) ? {} : { position: positions }),
        ...windowOf(config, { slides: (layer) => !turns(layer), usual: null }, where),
      },
    };
  },
  lacks(config) {
    const { ropes, others } = positionsOf(config);
    return [
      ...(others.length === 0
        ? []
        : [`model.position "${others[0]}" of a layer where it has "rope" or "none"`]),
      ...(ropes.length > 1 ? ["model.position of layers that turn otherwise than others"] : []),
      ...ropes.flatMap((position) => ropeLacks({ ...config, position })),
      ...windowLacks(config),
      ...(config.bias === "qkv" ? ['model.bias "qkv" where attention has four or none'] : []),
    ];
  },
  write({ config, ...model }, tokenizer) {
    const { all, ropes } = positionsOf(config);
    const position: Position = ropes[0] ?? UNTURNED; // of every layer that turns
    return {
      model_type: "smollm3",
      architectures: ["SmolLM3ForCausalLM"],
      ...writtenGated({ ...model, config: { ...config, position } }, tokenizer),
      ...writtenBias(config.bias),
      ...writtenWindow(config),
      no_rope_layers: all.map(({ kind }) => (kind === "rope" ? 1 : 0)),
      no_rope_layer_interval: 4,
    };
  },
  rules: gatedRules,
};

/** The encodings of the layers; each rope once, and kinds that are neither rope nor none. */
function positionsOf({ position, layers }: ModelConfig) {
  const all = ofLayers<Position>(position, layers);
  const turning = all.filter(({ kind }) => kind === "rope");
  const ropes = [...new Map(turning.map((one) => [JSON.stringify(one), one])).values()];
  const others = all.map(({ kind }) => kind).filter((kind) => kind !== "rope" && kind !== "none");
  return { all, ropes, others };
}
