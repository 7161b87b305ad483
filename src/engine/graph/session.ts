/**
 * A traced graph, loaded into a TensorFlow session: one native call runs all of it.
 *
 * The binding loads graphs from a folder only, so a private one is written, loaded and removed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { tf } from "../../tensor/tf.ts";
import { checkCode, sealCode } from "../native-code.ts";
import type { NativeBackend } from "./backend.ts";
import { DataType, type NodeDef, savedModel } from "./protobuf.ts";
import type { Trace } from "./trace.ts";

/** The version that TensorFlow 2.x graphs carry (TF_GRAPH_DEF_VERSION); ops keep their meaning for older producers. */
const GRAPH_VERSION = 1882;

export interface Session {
  /** Runs the graph; the tensors returned are the caller's. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  close(): void;
}

/** Loads a trace. With `xla`, TensorFlow compiles what it can to machine code on the first run. */
export function openSession(
  backend: NativeBackend,
  { nodes, inputs, outputs }: Trace,
  xla: boolean,
): Session {
  if (xla) checkCode();
  const folder = mkdtempSync(join(tmpdir(), "whereabouts-graph-"));
  let id: number;
  try {
    writeFileSync(join(folder, "saved_model.pb"), savedModel(marked(nodes, xla), GRAPH_VERSION));
    id = backend.binding.loadSavedModel(folder, "serve");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const inputNames = inputs.join(",");
  const outputNames = outputs.join(",");
  let sealed = !xla;
  return {
    run(tensors) {
      const handles = backend.binding.runSavedModel(
        id,
        backend.getInputTensorIds(tensors),
        inputNames,
        outputNames,
      );
      if (!sealed) sealCode();
      sealed = true;
      return handles.map((handle) => backend.createOutputTensor(handle));
    },
    close: () => backend.binding.deleteSavedModel(id),
  };
}

/** XLA draws other numbers than TensorFlow from the same key; outside it they are equal on every engine. */
const NEVER_COMPILED: ReadonlySet<string> = new Set(["StatelessRandomUniform"]);

/** `_XlaCompile` on a node asks for, or forbids, its compilation, whatever the process's own flags say. */
function marked(nodes: readonly NodeDef[], xla: boolean): NodeDef[] {
  return nodes.map((given) => {
    const node = xla && given.op === "StopGradient" ? barrier(given) : given;
    const value = xla && !NEVER_COMPILED.has(node.op);
    return { ...node, attrs: { ...node.attrs, _XlaCompile: { kind: "bool", value } } };
  });
}

const barrier = (node: NodeDef): NodeDef => ({
  ...node,
  op: "XlaOptimizationBarrier",
  attrs: { T: { kind: "type", value: [DataType.float32] } },
});
