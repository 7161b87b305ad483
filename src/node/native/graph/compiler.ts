/** The native engines' compiler: functions of tensors, traced to graphs that TensorFlow runs. */
import type { CompileOptions, Compiler, Graph } from "../../../engine/compiler.ts";
import { signed, type TensorTree } from "../../../tensor/tree.ts";
import type { NativeBackend } from "./backend.ts";
import { openLoopGraph } from "./loop-graph.ts";
import { apart, inTurn } from "./recorder.ts";
import { openSession } from "./session.ts";
import { openStateGraph } from "./state-graph.ts";
import { namedBy, traceTree } from "./trace-tree.ts";

/**
 * @param backend tfjs-node's, once its library is loaded
 * @param lanes parts of a graph that may run at the same time
 */
export const graphCompiler = (backend: NativeBackend, lanes: number): Compiler => ({
  lanes,
  graph: (fn, inputs, options) => openGraph(backend, fn, inputs, options),
  stateGraph: (transition, example, options) => openStateGraph(backend, transition, example, options),
  loopGraph: (turn, example, options) => openLoopGraph(backend, turn, example, options),
  apart,
  inTurn,
});

function openGraph<I extends TensorTree, O extends TensorTree>(
  backend: NativeBackend,
  fn: (inputs: I) => O,
  example: I,
  options: CompileOptions,
): Graph<I, O> {
  const { nodes, paths, ...ends } = traceTree(backend, options, fn, example);
  const session = openSession(backend, nodes, options);
  const run = session.runner(ends);
  return {
    run: (inputs) => namedBy(paths, run(signed(inputs).tensors)) as O, // the names that `fn` gave
    close: session.close,
  };
}
