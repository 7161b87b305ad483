/** A traced turn that its session repeats. */
import type { CompileOptions, LoopGraph, Turn } from "../../../engine/compiler.ts";
import { tf } from "../../../tensor/tf.ts";
import { disposeTree, leaves, signed, type TensorTree, treeOf } from "../../../tensor/tree.ts";
import type { NativeBackend } from "./backend.ts";
import { repeated } from "./loop.ts";
import { openSession } from "./session.ts";
import { namedBy, traceTree } from "./trace-tree.ts";

/** @throws as `trace` does */
export function openLoopGraph<
  S extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  O extends TensorTree,
>(
  backend: NativeBackend,
  turn: Turn<S, I, E, O>,
  example: { readonly state: S; readonly inputs: I; readonly each: TensorTree },
  options: CompileOptions,
): LoopGraph<S, I, O> {
  const each = firstRows(example.each) as E; // the same names
  const trace = traceTree(backend, options, turn, { ...example, each });
  disposeTree(each);
  const [state, inputs] = [example.state, example.inputs].map((tree) => leaves(tree).length) as [
    number,
    number,
  ];
  const { nodes, ends } = repeated(trace, { state, inputs });
  const session = openSession(backend, nodes, options);
  const run = session.runner(ends);
  return {
    run(given) {
      const { tensors } = signed({ state: given.state, inputs: given.inputs, each: given.each });
      const turns = tf.scalar((tensors.at(-1) as tf.Tensor).shape[0] as number, "int32");
      const results = run([turns, ...tensors]);
      turns.dispose();
      return namedBy(trace.paths, results) as { state: S; outputs: O }; // the names that `turn` gave
    },
    close: session.close,
  };
}

/** Zeros of one row of each. */
const firstRows = (each: TensorTree): TensorTree =>
  treeOf(
    leaves(each).map(({ path, tensor }) => ({ path, tensor: tf.zeros(tensor.shape.slice(1), tensor.dtype) })),
  );
