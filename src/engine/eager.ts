/** What stands in for a graph where the engine has none: the function itself, in a `tf.tidy`. */
import { InputError } from "../errors.ts";
import { tf } from "../tensor/tf.ts";
import { leaves, type TensorTree, treeOf } from "../tensor/tree.ts";
import type { Precision } from "./compiler.ts";

/** @returns tensors of their own: no input is an output, and none is two. */
export function runEagerly<I extends TensorTree, O extends TensorTree>(fn: (inputs: I) => O, inputs: I): O {
  const taken = new Set(leaves(inputs).map(({ tensor }) => tensor));
  const outputs = tf.tidy(() =>
    leaves(fn(inputs)).map(({ path, tensor }) => {
      const own = taken.has(tensor) ? tf.clone(tensor) : tensor;
      taken.add(own);
      return { path: path.join("\0"), tensor: own };
    }),
  );
  return treeOf(outputs.map(({ path, tensor }) => ({ path: path.split("\0"), tensor }))) as O;
}

/** @throws InputError where products are to be rounded: only graphs do that. */
export function requireFloat32(name: string, precision: Precision = "float32"): void {
  if (precision === "float32") return;
  throw new InputError(
    `compile(${name}): products in ${precision} need the native engine, and ${tf.getBackend()} runs; use float32, or --engine native`,
  );
}
