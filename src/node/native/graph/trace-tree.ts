/** Tracing of functions from a tree of tensors to a tree of tensors. */
import type { CompileOptions } from "../../../engine/compiler.ts";
import { tf } from "../../../tensor/tf.ts";
import { type Leaf, leaves, type TensorTree, treeOf } from "../../../tensor/tree.ts";
import { withCustomCalls } from "../custom-calls.ts";
import type { NativeBackend } from "./backend.ts";
import { type Trace, trace } from "./trace.ts";

export interface TreeTrace extends Trace {
  /** Of each output, the names that lead to it. */
  readonly paths: readonly (readonly string[])[];
  /** Of each output, its type's name. */
  readonly dtypes: readonly tf.DataType[];
}

/** @throws as `trace` does */
export function traceTree<I extends TensorTree>(
  backend: NativeBackend,
  options: CompileOptions,
  fn: (inputs: I) => TensorTree,
  inputs: I,
): TreeTrace {
  const given = leaves(inputs);
  let paths: TreeTrace["paths"] = [];
  let dtypes: TreeTrace["dtypes"] = [];
  const ofList = (parameters: tf.Tensor[]) => {
    const named = given.map(({ path }, i) => ({ path, tensor: parameters[i] as tf.Tensor }));
    const outputs = leaves(fn(treeOf(named) as I)); // the same names as the tree given
    paths = outputs.map(({ path }) => path);
    dtypes = outputs.map(({ tensor }) => tensor.dtype);
    return outputs.map(({ tensor }) => tensor);
  };
  let traced: Trace | undefined;
  tf.tidy(() => {
    const tensors = given.map(({ tensor }) => tensor);
    const all = () => trace(backend, options.name, ofList, tensors);
    traced = withCustomCalls(backend, options.xla === true, all);
  });
  return { ...(traced as unknown as Trace), paths, dtypes }; // assigned in the tidy
}

/** The tree of outputs that a session gave. */
export const namedBy = (paths: TreeTrace["paths"], tensors: readonly tf.Tensor[]): TensorTree =>
  treeOf(paths.map((path, i): Leaf => ({ path, tensor: tensors[i] as tf.Tensor })));
