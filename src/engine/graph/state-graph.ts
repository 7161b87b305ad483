/** A traced transition whose state its session keeps. */
import { leaves, signed, type TensorTree } from "../../tensor/tree.ts";
import type { CompileOptions } from "../compile.ts";
import { type NativeBackend, nativeBackend } from "./backend.ts";
import { withPrecision } from "./precision.ts";
import { openSession } from "./session.ts";
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
  { name, xla = false, precision = "float32" }: CompileOptions,
): StateGraph<S, I, O> {
  const backend = nativeBackend() as NativeBackend; // the caller asked
  const trace = traceTree(backend, name, transition, example);
  const count = leaves(example.state).length;
  const { nodes, ends } = inVariables(trace, count);
  const session = openSession(backend, withPrecision(nodes, precision), { name, xla });
  const below = (paths: typeof trace.paths) => paths.map(([, ...path]) => path);
  const [statePaths, outputPaths] = [below(trace.paths.slice(0, count)), below(trace.paths.slice(count))];
  return {
    step(inputs) {
      const outputs = session.run(ends.step, signed(inputs).tensors);
      outputs.pop()?.dispose();
      return namedBy(outputPaths, outputs) as O;
    },
    read: () => namedBy(statePaths, session.run(ends.read, [])) as S,
    write(state) {
      for (const tensor of session.run(ends.write, signed(state).tensors)) tensor.dispose();
    },
    close: session.close,
  };
}
