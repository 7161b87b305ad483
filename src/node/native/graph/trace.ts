/**
 * Tracing: run a function of tensors once and write down every TensorFlow op that it calls.
 *
 * tfjs-node passes each kernel, by name, through `binding.executeOp`. While a trace is under way
 * the backend holds a copy of the binding that computes nothing: it appends a node to a graph, and
 * says of what shape and type the outputs are. Gradients and optimizer are ordinary kernels, so a
 * whole training step becomes one graph.
 *
 * Three things would be silently wrong in a graph, and are refused: a tensor captured from outside
 * (it would be frozen at its present value), the value of a tensor read inside the function, and an
 * output that the function did not make.
 */
import type { tf } from "../../../tensor/tf.ts";
import type { NativeBackend } from "./backend.ts";
import type { NodeDef } from "./protobuf.ts";
import { Recorder } from "./recorder.ts";
import type { GraphEnds } from "./session.ts";

/** A graph, and what to feed and fetch for the function's inputs and outputs, in their order. */
export interface Trace extends GraphEnds {
  readonly nodes: readonly NodeDef[];
}

/**
 * Records `fn` as a graph.
 *
 * @param name of the function, for messages.
 * @param fn must be pure and must make all of its random numbers from its inputs.
 * @param inputs one example a parameter: shapes and types are taken, values are not.
 * @throws TypeError where the function captures a tensor, or reads a value.
 */
export function trace(
  backend: NativeBackend,
  name: string,
  fn: (inputs: tf.Tensor[]) => readonly tf.Tensor[],
  inputs: readonly tf.Tensor[],
): Trace {
  const recorder = new Recorder(backend, name);
  const placeholders = inputs.map((input, i) => recorder.placeholder(input, i));
  try {
    const outputs = recorder.whileRecording(() => fn(placeholders.map(({ parameter }) => parameter)));
    const fetches = recorder.fetches(outputs);
    return { nodes: recorder.nodes, inputs: placeholders.map(({ input }) => input), outputs: fetches };
  } finally {
    for (const { parameter } of placeholders) parameter.dispose();
  }
}
