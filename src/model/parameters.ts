/**
 * The parameters of a model under GPT-2's names and in its layouts: linear weights are (in,out).
 *
 * Initial values are GPT-2's: N(0, 0.02²), biases zero, gains one, and the two projections that add to the residual stream
 * divided by √(2·layers) (Radford et al. 2019, section 2.3).
 */
import type { PositionEncoding } from "../encodings/encoding.ts";
import { normal, ones, type ParamSpecs, zeros } from "../tensor/params.ts";
import type { ModelConfig } from "./config.ts";

const DEVIATION = 0.02;

export function parameterSpecs(
  { layers, width: C, bias, tied, norm }: ModelConfig,
  V: number,
  encoding: PositionEncoding,
): ParamSpecs {
  const linear = (name: string, rows: number, columns: number, deviation = DEVIATION): ParamSpecs => ({
    [`${name}.weight`]: { shape: [rows, columns], init: normal(deviation) },
    ...(bias ? { [`${name}.bias`]: { shape: [columns], init: zeros } } : {}),
  });
  const normalization = (name: string): ParamSpecs => ({
    [`${name}.weight`]: { shape: [C], init: ones },
    ...(bias ? { [`${name}.bias`]: { shape: [C], init: zeros } } : {}),
  });
  const residual = DEVIATION / Math.sqrt(2 * layers);
  const block = (h: string): ParamSpecs => ({
    ...normalization(`${h}.ln_1`),
    ...linear(`${h}.attn.c_attn`, C, 3 * C),
    ...linear(`${h}.attn.c_proj`, C, C, residual),
    ...prefixed(`${h}.attn.`, encoding.layerParams ?? {}),
    ...normalization(`${h}.ln_2`),
    ...linear(`${h}.mlp.c_fc`, C, 4 * C),
    ...linear(`${h}.mlp.c_proj`, 4 * C, C, residual),
  });
  return {
    "wte.weight": { shape: [V, C], init: normal(DEVIATION) },
    ...encoding.params,
    ...Object.assign({}, ...Array.from({ length: layers }, (_, layer) => block(`h.${layer}`))),
    ...(norm === "pre" ? normalization("ln_f") : {}), // after the last sum, where post-norm already has one
    ...(tied ? {} : { "lm_head.weight": { shape: [V, C], init: normal(DEVIATION) } }),
  };
}

const prefixed = (prefix: string, specs: ParamSpecs): ParamSpecs =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [prefix + name, spec]));
