/**
 * What follows attention in a block, token by token:
 *
 *     gelu     gelu(x·W + b)·W' + b'            GPT-2
 *     relu     max(x·W + b, 0)·W' + b'          Vaswani et al. 2017, equation 2; OPT
 *     swiglu   (silu(gate) ⊙ up)·W' + b'        gate, up = the halves of x·W + b (Shazeer 2020,
 *                                               arXiv:2002.05202, equation 6)
 */
import { exactGelu, gelu, silu } from "../tensor/activations.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { Model } from "./model.ts";
import { affine } from "./projection.ts";

/**
 * @param x (B,T,C)
 * @param name of the parameters, such as "h.0.mlp"
 * @returns (B,T,C)
 */
export function mlp(model: Model, params: Params, name: string, x: tf.Tensor3D): tf.Tensor3D {
  const read = affine(params, `${name}.c_fc`, x); // (B,T,M), or (B,T,2M)
  const hidden = model.config.mlp === "swiglu" ? gated(read) : activation(model, read);
  return affine(params, `${name}.c_proj`, hidden);
}

function gated(x: tf.Tensor3D): tf.Tensor3D {
  const [gate, up] = tf.split(x, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  return tf.mul(silu(gate), up);
}

/** ReLU, or the model's GELU. */
export function activation<R extends tf.Tensor>({ config }: Model, x: R): R {
  if (config.mlp === "relu") return tf.relu(x);
  return config.gelu === "tanh" ? gelu(x) : exactGelu(x);
}
