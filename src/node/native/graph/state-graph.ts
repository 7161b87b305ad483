/** A traced transition whose state its session keeps. */
import { leaves, signed, type TensorTree } from "../../../tensor/tree.ts";
import { type NativeBackend, nativeBackend } from "./backend.ts";
import { type CompileOptions, openSession } from "./session.ts";
import { namedBy, traceTree } from "./trace-tree.ts";
import { inVariables } from "./variables.ts";

export interface StateGraph<S, I, O> {
  step(inputs: I): O;
  read(): S;
  write(state: S): void;
  close(): void;
  /** Sends away the run whose state is in the variables; undefined when there is none. */
  vacate?: (() => void) | undefined;
}

/** @throws as `trace` does */
export function openStateGraph<S extends TensorTree, I extends TensorTree, O extends TensorTree>(
  transition: (given: { state: S; inputs: I }) => { state: S; outputs: O },
  example: { readonly state: S; readonly inputs: I },
  options: CompileOptions,
): StateGraph<S, I, O> {
  const backend = nativeBackend() as NativeBackend; // the caller asked
  const trace = traceTree(backend, options.name, transition, example);
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
