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
  readonly bias: boolean;
  readonly tied: boolean;
  readonly norm: "pre" | "post";
  readonly embeddingNorm: boolean;
  readonly head: "linear" | "transform";
  readonly sinks?: boolean | undefined;
  readonly gate?: "elementwise" | "headwise" | undefined;
  readonly temperature?: ByLayer<Temperature | null> | undefined;
}

export function parameterSpecs(
  { bias, tied, norm, embeddingNorm, head, sinks, gate, temperature }: ParameterFields,
  shape: Dimensions,
  V: number,
  encodings: { readonly whole: PositionEncoding; readonly of: (layer: number) => PositionEncoding },
): ParamSpecs {
  const { layers, width: C, heads: H, keyValueHeads: G, headWidth: D, mlpWidth: M } = shape;
  const deviation = 1 / Math.sqrt(C);
  const linear = (name: string, rows: number, columns: number, init = normal(deviation)): ParamSpecs => ({
    [`${name}.weight`]: { shape: [rows, columns], init },
    ...(bias ? { [`${name}.bias`]: { shape: [columns], init: zeros } } : {}),
  });
  const normalization = (name: string): ParamSpecs => ({
    [`${name}.weight`]: { shape: [C], init: ones },
    ...(bias ? { [`${name}.bias`]: { shape: [C], init: zeros } } : {}),
  });
  const residual = normal(deviation / Math.sqrt(2 * layers));
  const block = (h: string, layer: number): ParamSpecs[] => [
    normalization(`${h}.ln_1`),
    linear(`${h}.attn.c_attn`, C, (H + 2 * G) * D),
    linear(`${h}.attn.c_proj`, H * D, C, residual),
    sinks ? { [`${h}.attn.sinks`]: { shape: [H], init: zeros } } : {},
    gate ? linear(`${h}.attn.gate`, C, gate === "headwise" ? H : H * D) : {},
    prefixed(`${h}.attn.`, temperatureSpecs({ config: { temperature }, shape }, layer)),
    prefixed(`${h}.attn.`, encodings.of(layer).layerParams ?? {}),
    normalization(`${h}.ln_2`),
    linear(`${h}.mlp.c_fc`, C, M),
    linear(`${h}.mlp.c_proj`, M, C, residual),
  ];
  return together([
    { "wte.weight": { shape: [V, C], init: normal(deviation) } },
    encodings.whole.params ?? {},
    embeddingNorm ? normalization("ln_e") : {},
    ...Array.from({ length: layers }, (_, layer) => block(`h.${layer}`, layer)).flat(),
    norm === "pre" ? normalization("ln_f") : {}, // after the last sum, where post-norm already has one
    head === "transform"
      ? {
          ...linear("lm_head.transform", C, C),
          ...normalization("lm_head.norm"),
          "lm_head.bias": { shape: [V], init: zeros },
        }
      : {},
    tied ? {} : { "lm_head.weight": { shape: [V, C], init: normal(deviation) } },
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
