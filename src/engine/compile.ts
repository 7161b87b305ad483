/**
 * `compile(fn)`: the same function of tensors, run as fast as the engine can.
 *
 * On the native engine the function is traced once for each set of input shapes and then runs as one TensorFlow graph; on the
 * others each call runs eagerly inside a `tf.tidy`. Results are equal up to rounding.
 */

import { type NativeBackend, nativeBackend } from "../node/native/graph/backend.ts";
import { type CompileOptions, openSession, type Session } from "../node/native/graph/session.ts";
import { namedBy, type TreeTrace, traceTree } from "../node/native/graph/trace-tree.ts";
import { signed, type TensorTree } from "../tensor/tree.ts";
import { requireFloat32, runEagerly } from "./eager.ts";

export { inTurn } from "../node/native/graph/recorder.ts";
export type { CompileOptions } from "../node/native/graph/session.ts";

export interface Compiled<I, O> {
  /** The tensors returned are the caller's to dispose of. */
  (inputs: I): O;
  /** Frees the graphs. */
  close(): void;
}

interface Graph {
  readonly run: ReturnType<Session["runner"]>;
  readonly paths: TreeTrace["paths"];
  close(): void;
}

/**
 * Compiles a pure function from a tree of tensors to a tree of tensors.
 *
 * @throws TypeError on the native engine where `fn` captures a tensor from outside or reads a value.
 * @throws InputError on the others where `precision` is not float32.
 */
export function compile<I extends TensorTree, O extends TensorTree>(
  fn: (inputs: I) => O,
  options: CompileOptions,
): Compiled<I, O> {
  const graphs = new Map<string, Graph>();
  const run = (inputs: I): O => {
    const backend = nativeBackend();
    if (backend === undefined) {
      requireFloat32(options.name, options.precision);
      return runEagerly(fn, inputs);
    }
    const { tensors, signature } = signed(inputs);
    const graph = graphs.get(signature) ?? openGraph(backend, fn, inputs, options);
    graphs.set(signature, graph);
    return namedBy(graph.paths, graph.run(tensors)) as O;
  };
  const close = () => {
    for (const graph of graphs.values()) graph.close();
    graphs.clear();
  };
  return Object.assign(run, { close });
}

function openGraph<I extends TensorTree>(
  backend: NativeBackend,
  fn: (inputs: I) => TensorTree,
  inputs: I,
  options: CompileOptions,
): Graph {
  const { nodes, paths, ...ends } = traceTree(backend, options.name, fn, inputs);
  const session = openSession(backend, nodes, options);
  return { run: session.runner(ends), paths, close: session.close };
}
