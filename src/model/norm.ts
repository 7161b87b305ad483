/**
 * Normalization by the parameters' name:
 *
 *     layer   (x − x̄)/√(var + ε)·g + b     Ba, Kiros and Hinton 2016
 *     rms     x/√(mean(x²) + ε)·g          Zhang and Sennrich 2019
 */
import { layerNorm, rmsNorm } from "../tensor/norms.ts";
import { type Params, param } from "../tensor/params.ts";
import type { tf } from "../tensor/tf.ts";
import type { Model } from "./model.ts";

/**
 * @param x (...,C)
 * @param name of the parameters, such as "h.0.ln_1"
 */
export function norm<R extends tf.Tensor>({ config }: Model, params: Params, name: string, x: R): R {
  const gain = param<tf.Tensor1D>(params, `${name}.weight`);
  return config.normKind === "rms"
    ? rmsNorm(x, gain, config.normEpsilon)
    : layerNorm(x, gain, params[`${name}.bias`] as tf.Tensor1D | undefined, config.normEpsilon);
}
