/**
 * `compile(fn)`: the same function of tensors, run as fast as the engine can.
 *
 * On the native engine the function is traced once for each set of input shapes and then runs as one TensorFlow graph; on the
 * others each call runs eagerly inside a `tf.tidy`. Results are equal up to rounding.
 */
import { signed, type TensorTree } from "../tensor/tree.ts";
import { requireFloat32, runEagerly } from "./eager.ts";
import { type NativeBackend, nativeBackend } from "./graph/backend.ts";
import { type Precision, withPrecision } from "./graph/precision.ts";
import { type Ends, openSession, type Session } from "./graph/session.ts";
import { namedBy, type TreeTrace, traceTree } from "./graph/trace-tree.ts";

export { inTurn } from "./graph/recorder.ts";

export interface CompileOptions {
  /** For messages. */
  readonly name: string;
  /** Compile to machine code: seconds on the first call, so worth it for what runs many times. Default false. */
  readonly xla?: boolean;
  /** Of products of matrices alone; weights, sums and all other operations stay float32. Native engine only. Default float32. */
  readonly precision?: Precision;
}

export interface Compiled<I, O> {
  /** The tensors returned are the caller's to dispose of. */
  (inputs: I): O;
  /** Frees the graphs. */
  close(): void;
}

interface Graph {
  readonly session: Session;
  readonly ends: Ends;
  readonly paths: TreeTrace["paths"];
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
    return namedBy(graph.paths, graph.session.run(graph.ends, tensors)) as O;
  };
  const close = () => {
    for (const { session } of graphs.values()) session.close();
    graphs.clear();
  };
  return Object.assign(run, { close });
}

function openGraph<I extends TensorTree>(
  backend: NativeBackend,
  fn: (inputs: I) => TensorTree,
  inputs: I,
  { name, xla = false, precision = "float32" }: CompileOptions,
): Graph {
  const { nodes, paths, ...ends } = traceTree(backend, name, fn, inputs);
  const session = openSession(backend, withPrecision(nodes, precision), { name, xla });
  return { session, ends, paths };
}
