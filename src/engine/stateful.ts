/**
 * `compileStateful(fn)`: a compiled function of a state and of inputs, whose state stays where it
 * computes, where the engine has a compiler.
 */

import { tf } from "../tensor/tf.ts";
import { disposeTree, leaves, signed, type TensorTree, treeOf } from "../tensor/tree.ts";
import type { CompileOptions, Compiler, StateGraph, Transition } from "./compiler.ts";
import { requireFloat32, runEagerly } from "./eager.ts";
import { currentCompiler } from "./engine.ts";

export type { Transition } from "./compiler.ts";

export interface Stateful<S, I, O> {
  /**
   * A state that goes its own way; takes the tensors given over. All share the graphs, and may take
   * turns.
   */
  begin(state: S): StatefulRun<S, I, O>;
  /** Frees the graphs. A run that goes on makes new ones. */
  close(): void;
}

export interface StatefulRun<S, I, O> {
  /** One transition. The tensors returned are the caller's to dispose of. */
  step(inputs: I): O;
  /** The state as it is now; the caller's to dispose of. */
  read(): S;
  close(): void;
}

/** @throws as `compile` does, when a step is run; TypeError where the next state has another form. */
export function compileStateful<S extends TensorTree, I extends TensorTree, O extends TensorTree>(
  fn: Transition<S, I, O>,
  options: CompileOptions,
): Stateful<S, I, O> {
  const transition: Transition<S, I, O> = (given) => {
    const { state, outputs } = fn(given);
    requireForm(options.name, state, given.state);
    return { state, outputs };
  };
  const graphs = new Map<string, StateGraph<S, I, O>>();
  const graphFor = (compiler: Compiler) => (signature: string, state: () => S, inputs: I) => {
    const key = `${signature}\n${signed(inputs).signature}`;
    const graph = graphs.get(key) ?? compiler.stateGraph(transition, { state: state(), inputs }, options);
    graphs.set(key, graph);
    return graph;
  };
  const begin = (state: S) => {
    const compiler = currentCompiler();
    return compiler === undefined
      ? eagerRun(transition, state, options)
      : residentRun(graphFor(compiler), state);
  };
  const close = () => {
    for (const graph of graphs.values()) {
      graph.vacate?.();
      graph.close();
    }
    graphs.clear();
  };
  return { begin, close };
}

/**
 * The state is in the variables of the graph that it ran through last; in tensors before that, and
 * while another run has them.
 */
function residentRun<S extends TensorTree, I, O>(
  graphFor: (signature: string, state: () => S, inputs: I) => StateGraph<S, I, O>,
  initial: S,
): StatefulRun<S, I, O> {
  const { signature } = signed(initial);
  let tensors: S | undefined = initial;
  let graph: StateGraph<S, I, O> | undefined;
  const leave = (): S => {
    tensors ??= (graph as StateGraph<S, I, O>).read(); // it is in one or the other
    if (graph !== undefined) graph.vacate = undefined;
    graph = undefined;
    return tensors;
  };
  const enter = (next: StateGraph<S, I, O>) => {
    const state = leave();
    next.vacate?.();
    next.write(state);
    disposeTree(state);
    [tensors, graph, next.vacate] = [undefined, next, leave];
  };
  return {
    step(inputs) {
      const next = graphFor(signature, leave, inputs);
      if (next !== graph) enter(next);
      return next.step(inputs);
    },
    read: () => graph?.read() ?? copyOf(tensors as S),
    close: () => disposeTree(leave()),
  };
}

function eagerRun<S extends TensorTree, I extends TensorTree, O extends TensorTree>(
  transition: Transition<S, I, O>,
  initial: S,
  options: CompileOptions,
): StatefulRun<S, I, O> {
  let state = initial;
  return {
    step(inputs) {
      requireFloat32(options.name, options.precision);
      const next = runEagerly(transition, { state, inputs });
      disposeTree(state);
      state = next.state;
      return next.outputs;
    },
    read: () => copyOf(state),
    close: () => disposeTree(state),
  };
}

const copyOf = <S extends TensorTree>(state: S): S =>
  treeOf(leaves(state).map(({ path, tensor }) => ({ path, tensor: tf.clone(tensor) }))) as S; // the same names

function requireForm(name: string, next: TensorTree, given: TensorTree): void {
  const [got, wanted] = [next, given].map((state) =>
    leaves(state).map(({ path, tensor: { dtype, shape } }) => `${path.join(".")} ${dtype}[${shape}]`),
  ) as [string[], string[]];
  if (got.join() === wanted.join()) return;
  throw new TypeError(
    `compile(${name}): the state returned is ${got.join(", ")} and the one given was ${wanted.join(", ")}; return the same names, types and shapes in the same order`,
  );
}
