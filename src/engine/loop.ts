/**
 * `compileLoop(fn)`: a function that is run many times over, each time on what the time before left;
 * in one call, where the engine has a compiler.
 */
import { tf } from "../tensor/tf.ts";
import { leaves, signed, type TensorTree, treeOf } from "../tensor/tree.ts";
import type { CompileOptions, LoopGraph, Turn } from "./compiler.ts";
import { requireFloat32, runEagerly } from "./eager.ts";
import { currentCompiler } from "./engine.ts";

export type { Turn } from "./compiler.ts";

/**
 * Compiles a turn; state and inputs stay the caller's. Closing frees the graphs.
 *
 * @throws as `compile` does, when it is run
 */
export function compileLoop<
  S extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  O extends TensorTree,
>(turn: Turn<S, I, E, O>, options: CompileOptions): LoopGraph<S, I, O> {
  const graphs = new Map<string, LoopGraph<S, I, O>>();
  return {
    run(given) {
      const compiler = currentCompiler();
      if (compiler === undefined) return turnByTurn(turn, given, options);
      const { state, inputs, each } = given;
      const rows = leaves(each).map(({ path, tensor }) => [path, tensor.dtype, tensor.shape.slice(1)]);
      const key = `${signed({ state, inputs }).signature}\n${JSON.stringify(rows)}`;
      const graph = graphs.get(key) ?? compiler.loopGraph(turn, given, options);
      graphs.set(key, graph);
      return graph.run(given);
    },
    close() {
      for (const graph of graphs.values()) graph.close();
      graphs.clear();
    },
  };
}

function turnByTurn<S extends TensorTree, I extends TensorTree, E extends TensorTree, O extends TensorTree>(
  turn: Turn<S, I, E, O>,
  all: { readonly state: S; readonly inputs: I; readonly each: TensorTree },
  { name, precision }: CompileOptions,
): { state: S; outputs: O } {
  requireFloat32(name, precision);
  const run = ({ state: first, inputs, each }: typeof all) => {
    const turns = leaves(each)[0]?.tensor.shape[0] ?? 0;
    let state = first;
    const outputs = Array.from({ length: turns }, (_, i) => {
      const given = turn({ state, inputs, each: rowOf(each, i) as E });
      state = given.state;
      return given.outputs;
    });
    return { state, outputs: stacked(outputs) };
  };
  return runEagerly(run, all);
}

const mapped = <T extends TensorTree>(tree: T, change: (x: tf.Tensor, i: number) => tf.Tensor): T =>
  treeOf(leaves(tree).map(({ path, tensor }, i) => ({ path, tensor: change(tensor, i) }))) as T; // the same names

const rowOf = (each: TensorTree, i: number): TensorTree =>
  mapped(each, (x) => tf.squeeze(tf.slice(x, i, 1), [0]));

function stacked<O extends TensorTree>(rows: readonly O[]): O {
  const all = rows.map((row) => leaves(row).map(({ tensor }) => tensor));
  return mapped(rows[0] as O, (_, i) => tf.stack(all.map((row) => row[i] as tf.Tensor)));
}
