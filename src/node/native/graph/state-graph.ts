/** A traced transition whose state its session keeps. */
import type { CompileOptions, StateGraph, Transition } from "../../../engine/compiler.ts";
import { leaves, signed, type TensorTree } from "../../../tensor/tree.ts";
import type { NativeBackend } from "./backend.ts";
import { openSession } from "./session.ts";
import { namedBy, traceTree } from "./trace-tree.ts";
import { inVariables } from "./variables.ts";

/** @throws as `trace` does */
export function openStateGraph<S extends TensorTree, I extends TensorTree, O extends TensorTree>(
  backend: NativeBackend,
  transition: Transition<S, I, O>,
  example: { readonly state: S; readonly inputs: I },
  options: CompileOptions,
): StateGraph<S, I, O> {
  const trace = traceTree(backend, options, transition, example);
  const count = leaves(example.state).length;
  const { nodes, ends } = inVariables(trace, count);
  const session = openSession(backend, nodes, options);
  const run = session.runner(ends.step);
  const read = session.runner(ends.read);
  const write = session.runner(ends.write);
  const below = (paths: typeof trace.paths) => paths.map(([, ...path]) => path);
  const [statePaths, outputPaths] = [below(trace.paths.slice(0, count)), below(trace.paths.slice(count))];
  return {
    step(inputs) {
      const outputs = run(signed(inputs).tensors);
      outputs.pop()?.dispose();
      return namedBy(outputPaths, outputs) as O;
    },
    read: () => namedBy(statePaths, read([])) as S,
    write(state) {
      for (const tensor of write(signed(state).tensors)) tensor.dispose();
    },
    close: session.close,
  };
}
