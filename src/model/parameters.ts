/**
 * The parameters of a model under GPT-2's names and in its layouts: linear weights are (in,out).
 *
 * Initial values are GPT-2's, but for the unit: N(0, 1/C), biases zero, gains one, and the two
 * projections that add to the residual stream divided by √(2·layers) (Radford et al. 2019, section
 * 2.3).
 *
 * Departure: GPT-2's deviation of 0.02 is 0.55/√C at its width of 768. In a width of 64 the same
 * 0.02 leaves queries and keys near zero, attention nearly even, and a model on its first plateau
 * three times as long.
 */

import type { ModelShape, PositionEncoding } from "../encodings/encoding.ts";
import { InputError } from "../errors.ts";
import { normal, ones, type ParamSpecs, prefixed, zeros } from "../tensor/params.ts";
import type { Temperature } from "./attention-fields.ts";
import type { ByLayer } from "./by-layer.ts";
import { temperatureSpecs } from "./temperature.ts";

/** Dimensions of a model that no encoding needs to know. */
export interface Dimensions extends ModelShape {
  /** G, heads of keys and values; H/G query heads share one. */
  readonly keyValueHeads: number;
  /** Of the MLP's hidden layer. */
  readonly mlpWidth: number;
}

/** The fields of `model` that decide which parameters there are. */
interface ParameterFields {
  readonly bias: boolean | "attention" | "qkv" | "mlp";
  readonly tied: boolean;
  readonly norm: "pre" | "post";
  readonly normKind: "layer" | "rms";
  readonly mlp: "gelu" | "relu" | "swiglu";
  readonly residual: "sequential" | "parallel" | "parallel-one-norm";
  readonly qkNorm: boolean;
  readonly embeddingNorm: boolean;
  readonly head: "linear" | "biased" | "transform";
  readonly sinks?: boolean | undefined;
  readonly gate?: "elementwise" | "headwise" | undefined;
  readonly temperature?: ByLayer<Temperature | null> | undefined;
}

/** A linear layer by its name in a block, or in the head. */
type LinearName =
  | ("attn.c_attn" | "attn.c_proj" | "attn.gate")
  | ("mlp.c_fc" | "mlp.c_proj")
  | "lm_head.transform";

const BIASED: Readonly<Record<"attention" | "qkv" | "mlp", readonly LinearName[]>> = {
  attention: ["attn.c_attn", "attn.c_proj", "attn.gate"],
  qkv: ["attn.c_attn"],
  mlp: ["mlp.c_fc", "mlp.c_proj"],
};

/**
 * Whether a linear layer has a bias.
 *
 * @example
 * assert.deepEqual([hasBias("qkv", "attn.c_attn"), hasBias("qkv", "attn.c_proj")], [true, false]);
 */
export const hasBias = (bias: ParameterFields["bias"], name: LinearName): boolean =>
  typeof bias === "boolean" ? bias : BIASED[bias].includes(name);

/** Linear layers and norms of one width, whose biases are as the fields say. */
function layersOf({ bias, normKind }: ParameterFields, C: number) {
  const linear = (
    name: LinearName,
    rows: number,
    columns: number,
    init = normal(1 / Math.sqrt(C)),
  ): ParamSpecs => ({
    [`${name}.weight`]: { shape: [rows, columns], init },
    ...(hasBias(bias, name) ? { [`${name}.bias`]: { shape: [columns], init: zeros } } : {}),
  });
  const normalization = (name: string, width = C): ParamSpecs => ({
    [`${name}.weight`]: { shape: [width], init: ones },
    ...(bias !== false && normKind === "layer" ? { [`${name}.bias`]: { shape: [width], init: zeros } } : {}),
  });
  return { linear, normalization };
}

/** Of one block, in the order in which they are drawn. */
function blockSpecs(
  fields: ParameterFields,
  shape: Dimensions,
  layer: number,
  own: ParamSpecs,
): ParamSpecs[] {
  const { qkNorm, sinks, gate, temperature, residual, mlp } = fields;
  const { layers, width: C, heads: H, keyValueHeads: G, headWidth: D, mlpWidth: M } = shape;
  const { linear, normalization } = layersOf(fields, C);
  const toStream = normal(1 / Math.sqrt(C) / Math.sqrt(2 * layers));
  return [
    normalization("ln_1"),
    linear("attn.c_attn", C, (H + 2 * G) * D),
    linear("attn.c_proj", H * D, C, toStream),
    qkNorm ? { ...normalization("attn.q_norm", D), ...normalization("attn.k_norm", D) } : {},
    sinks ? { "attn.sinks": { shape: [H], init: zeros } } : {},
    gate ? linear("attn.gate", C, gate === "headwise" ? H : H * D) : {},
    prefixed("attn.", temperatureSpecs({ config: { temperature }, shape }, layer)),
    prefixed("attn.", own),
    residual === "parallel-one-norm" ? {} : normalization("ln_2"),
    linear("mlp.c_fc", C, mlp === "swiglu" ? 2 * M : M),
    linear("mlp.c_proj", M, C, toStream),
  ];
}

export function parameterSpecs(
  fields: ParameterFields,
  shape: Dimensions,
  V: number,
  encodings: { readonly whole: PositionEncoding; readonly of: (layer: number) => PositionEncoding },
): ParamSpecs {
  const { tied, norm, embeddingNorm, head } = fields;
  const { layers, width: C } = shape;
  const { linear, normalization } = layersOf(fields, C);
  const init = normal(1 / Math.sqrt(C));
  return together([
    { "wte.weight": { shape: [V, C], init } },
    encodings.whole.params ?? {},
    embeddingNorm ? normalization("ln_e") : {},
    ...Array.from({ length: layers }, (_, layer) =>
      blockSpecs(fields, shape, layer, encodings.of(layer).layerParams ?? {}).map((part) =>
        prefixed(`h.${layer}.`, part),
      ),
    ).flat(),
    norm === "pre" ? normalization("ln_f") : {}, // after the last sum, where post-norm already has one
    head === "transform" ? { ...linear("lm_head.transform", C, C), ...normalization("lm_head.norm") } : {},
    head === "linear" ? {} : { "lm_head.bias": { shape: [V], init: zeros } },
    tied ? {} : { "lm_head.weight": { shape: [V, C], init } },
  ]);
}

/** @throws InputError where two of them have one name: the later would be taken for the earlier. */
function together(parts: readonly ParamSpecs[]): ParamSpecs {
  const all = new Map<string, ParamSpecs[string]>();
  for (const [name, spec] of parts.flatMap((part) => Object.entries(part))) {
    if (all.has(name))
      throw new InputError(
        `parameters: the encoding's ${name} is a name that the model has already; choose another`,
      );
    all.set(name, spec);
  }
  return Object.fromEntries(all);
}
