/**
 * `compile(fn)`: the same function of tensors, run as fast as the engine can.
 *
 * Where the started engine has a compiler, the function is traced once for each set of input shapes
 * and then runs as one graph; on the others each call runs eagerly inside a `tf.tidy`. Results are
 * equal up to rounding.
 */
import { tf } from "../tensor/tf.ts";
import { signed, type TensorTree } from "../tensor/tree.ts";
import type { CompileOptions, Graph } from "./compiler.ts";
import { requireFloat32, runEagerly } from "./eager.ts";
import { currentCompiler } from "./engine.ts";
import { keptGraph } from "./kept-graphs.ts";

export type { CompileOptions } from "./compiler.ts";

/** A compiled function; each call returns tensors that are the caller's to dispose of. */
export interface Compiled<I, O> {
  /** The tensors returned are the caller's to dispose of. */
  (inputs: I): O;
  /** Frees the graphs, but for those that are kept. */
  close(): void;
}

/**
 * Compiles a pure function from a tree of tensors to a tree of tensors.
 *
 * @throws TypeError, where the engine has a compiler, if `fn` captures a tensor from outside or
 *   reads a value.
 * @throws InputError where it has none and `precision` is not float32.
 * @example
 * const double = compile(({ x }: { x: tf.Tensor }) => ({ y: tf.mul(x, 2) }), { name: "double" });
 * const x = tf.tensor1d([1, 2]);
 * const { y } = double({ x });
 * assert.deepEqual([...(await y.data())], [2, 4]);
 * double.close();
 * disposeTree({ x, y });
 */
export function compile<I extends TensorTree, O extends TensorTree>(
  fn: (inputs: I) => O,
  options: CompileOptions,
): Compiled<I, O> {
  const graphs = new Map<string, Graph<I, O>>();
  const run = (inputs: I): O => {
    const compiler = currentCompiler();
    if (compiler === undefined) {
      requireFloat32(options.name, options.precision);
      return runEagerly(fn, inputs);
    }
    const { signature } = signed(inputs);
    if (options.of !== undefined) {
      const { name, of, xla, precision } = options;
      const key = JSON.stringify([name, of, xla, precision, signature]);
      return keptGraph(compiler, key, () => compiler.graph(fn, inputs, options)).run(inputs);
    }
    const graph = graphs.get(signature) ?? compiler.graph(fn, inputs, options);
    graphs.set(signature, graph);
    return graph.run(inputs);
  };
  const close = () => {
    for (const graph of graphs.values()) graph.close();
    graphs.clear();
  };
  return Object.assign(run, { close });
}

/** Runs functions one after another, in a graph too, and frees what each leaves but its result. */
export function inTurn<T extends tf.Tensor>(functions: readonly (() => T)[]): T[] {
  if (functions.length === 1) return functions.map((fn) => fn());
  const compiler = currentCompiler();
  return functions.map((fn) => tf.tidy(() => compiler?.inTurn(fn) ?? fn()));
}

/** How many functions `sideBySide` may run at the same time. */
export const lanes = (): number => currentCompiler()?.lanes ?? 1;

/** Runs functions that need nothing of each other: in a compiled graph at the same time, each on one thread. */
export function sideBySide<T>(functions: readonly (() => T)[]): T[] {
  const compiler = currentCompiler();
  if (compiler === undefined || functions.length === 1) return functions.map((fn) => fn());
  return functions.map((fn) => compiler.apart(fn));
}
