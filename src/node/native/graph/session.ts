/**
 * A traced graph, loaded into a TensorFlow session: one native call runs all of it.
 *
 * The binding loads graphs from a folder only, so a private one is written, loaded and removed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CompileOptions } from "../../../engine/compiler.ts";
import { InputError } from "../../../errors.ts";
import type { tf } from "../../../tensor/tf.ts";
import { inScratchFolder } from "../../files/scratch.ts";
import { hasCustomCalls } from "../custom-calls.ts";
import { checkCode, codeFolder, sealCode } from "../kept-code.ts";
import type { NativeBackend } from "./backend.ts";
import { withRestApart } from "./parts.ts";
import { withPrecision } from "./precision.ts";
import { type NodeDef, savedModel } from "./protobuf.ts";

/**
 * The version that TensorFlow 2.x graphs carry (TF_GRAPH_DEF_VERSION); ops keep their meaning for
 * older producers.
 */
const GRAPH_VERSION = 1882;

/** What to feed and what to fetch, each by its `node:output`. */
export interface GraphEnds {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Session {
  /** What runs all that the outputs need; the tensors it returns are the caller's. */
  runner(ends: GraphEnds): (inputs: readonly tf.Tensor[]) => tf.Tensor[];
  close(): void;
}

/** Loads a graph. */
export function openSession(
  backend: NativeBackend,
  nodes: readonly NodeDef[],
  { name, xla = false, precision = "float32" }: CompileOptions,
): Session {
  if (xla) checkCode();
  const sums = xla && hasCustomCalls(backend) ? "float32" : "bfloat16";
  const id = load(backend, marked(withRestApart(withPrecision(nodes, precision, sums)), xla));
  return {
    runner(ends) {
      const [inputs, outputs] = [ends.inputs.join(","), ends.outputs.join(",")];
      let sealed = !xla;
      return (tensors) => {
        const ids = backend.getInputTensorIds(tensors);
        const handles = named(name, () => backend.binding.runSavedModel(id, ids, inputs, outputs));
        if (!sealed) sealCode();
        sealed = true;
        return handles.map((handle) => backend.createOutputTensor(handle));
      };
    },
    close: () => backend.binding.deleteSavedModel(id),
  };
}

function load(backend: NativeBackend, nodes: readonly NodeDef[]): number {
  return inScratchFolder((folder) => {
    writeFileSync(join(folder, "saved_model.pb"), savedModel(nodes, GRAPH_VERSION));
    return backend.binding.loadSavedModel(folder, "serve");
  });
}

/** TensorFlow names the node, which has the name of its op. */
function named<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { message } = error as Error;
    if (/No space left on device|Disk quota exceeded/.test(message)) {
      const where = codeFolder() ?? "the folder of compiled code";
      throw new InputError(`${where}: the disk is full; free some, or set XDG_CACHE_HOME, and run again`, {
        cause: error,
      });
    }
    throw new Error(`compile(${name}): ${message}`, { cause: error });
  }
}

/** XLA draws other numbers than TensorFlow from the same key; outside it they are equal on every engine. */
const NEVER_COMPILED: ReadonlySet<string> = new Set(["StatelessRandomUniform"]);

/** `_XlaCompile` on a node asks for, or forbids, its compilation, whatever the process's own flags say. */
function marked(nodes: readonly NodeDef[], xla: boolean): NodeDef[] {
  return nodes.map((given) => {
    const node = xla && given.op === "StopGradient" ? barrier(given) : given;
    const value = xla && !NEVER_COMPILED.has(node.op);
    return { ...node, attrs: { _XlaCompile: { kind: "bool", value }, ...node.attrs } };
  });
}

function barrier(node: NodeDef): NodeDef {
  const { value } = node.attrs.T as { readonly value: number }; // every StopGradient has its type
  return {
    ...node,
    op: "XlaOptimizationBarrier",
    attrs: { ...node.attrs, T: { kind: "type", value: [value] } },
  };
}
