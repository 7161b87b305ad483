/**
 * `compile(fn)`: the same function of tensors, run as fast as the engine can.
 *
 * On the native engine the function is traced once for each set of input shapes and then runs as one TensorFlow graph; on the
 * others each call runs eagerly inside a `tf.tidy`. Results are equal up to rounding.
 */
import { InputError } from "../errors.ts";
import { tf } from "../tensor/tf.ts";
import { type Leaf, leaves, signed, type TensorTree, treeOf } from "../tensor/tree.ts";
import { type NativeBackend, nativeBackend } from "./graph/backend.ts";
import { type Precision, withPrecision } from "./graph/precision.ts";
import { openSession, type Session } from "./graph/session.ts";
import { type Trace, trace } from "./graph/trace.ts";

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
  readonly outputPaths: readonly (readonly string[])[];
}

/**
 * Compiles a pure function from a tree of tensors to a tree of tensors.
 *
 * @throws TypeError on the native engine where `fn` captures a tensor from outside or reads a value.
 * @throws InputError on the others where `precision` is not float32.
 */
export function compile<I extends TensorTree, O extends TensorTree>(
  fn: (inputs: I) => O,
  { name, xla = false, precision = "float32" }: CompileOptions,
): Compiled<I, O> {
  const graphs = new Map<string, Graph>();
  const run = (inputs: I): O => {
    const backend = nativeBackend();
    if (backend === undefined) {
      if (precision !== "float32") throw onlyNative(name, precision);
      return runEagerly(fn, inputs);
    }
    const { tensors, signature } = signed(inputs);
    const graph = graphs.get(signature) ?? openGraph(backend, fn, leaves(inputs), { name, xla, precision });
    graphs.set(signature, graph);
    const outputs = graph.session.run(tensors);
    return treeOf(outputs.map((tensor, i) => ({ path: graph.outputPaths[i] as string[], tensor }))) as O;
  };
  const close = () => {
    for (const { session } of graphs.values()) session.close();
    graphs.clear();
  };
  return Object.assign(run, { close });
}

const onlyNative = (name: string, precision: Precision) =>
  new InputError(
    `compile(${name}): products in ${precision} need the native engine, and ${tf.getBackend()} runs; use float32, or --engine native`,
  );

function runEagerly<I extends TensorTree, O extends TensorTree>(fn: (inputs: I) => O, inputs: I): O {
  // The caller disposes of inputs and outputs apart, so no tensor may be both, nor one tensor two outputs.
  const taken = new Set(leaves(inputs).map(({ tensor }) => tensor));
  const outputs = tf.tidy(() =>
    leaves(fn(inputs)).map(({ path, tensor }) => {
      const own = taken.has(tensor) ? tf.clone(tensor) : tensor;
      taken.add(own);
      return { path: path.join("\0"), tensor: own };
    }),
  );
  return treeOf(outputs.map(({ path, tensor }) => ({ path: path.split("\0"), tensor }))) as O;
}

function openGraph<I extends TensorTree, O extends TensorTree>(
  backend: NativeBackend,
  fn: (inputs: I) => O,
  inputs: readonly Leaf[],
  { name, xla, precision }: Required<CompileOptions>,
): Graph {
  let traced: Trace | undefined;
  let outputPaths: Graph["outputPaths"] = [];
  tf.tidy(() => {
    const ofList = (parameters: tf.Tensor[]) => {
      const outputs = leaves(
        fn(treeOf(inputs.map(({ path }, i) => ({ path, tensor: parameters[i] as tf.Tensor }))) as I),
      );
      outputPaths = outputs.map(({ path }) => path);
      return outputs.map(({ tensor }) => tensor);
    };
    traced = trace(
      backend,
      name,
      ofList,
      inputs.map(({ tensor }) => tensor),
    );
  });
  const { nodes, ...ends } = traced as unknown as Trace; // assigned in the tidy
  const session = openSession(backend, { ...ends, nodes: withPrecision(nodes, precision) }, xla);
  return { session, outputPaths };
}
