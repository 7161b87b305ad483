/**
 * A graph that keeps part of its inputs: a state stays in the session, in TensorFlow's resource
 * variables, from one run to the next.
 *
 * Fed and fetched, it would be copied from and to a GPU at each run; on a CPU it would not, and
 * nothing is gained.
 */
import { isInPart } from "./parts.ts";
import { type AttrValue, DataType, type NodeDef } from "./protobuf.ts";
import type { GraphEnds } from "./session.ts";
import type { Trace } from "./trace.ts";

export interface StateEnds {
  /** Runs the function; the last output is without meaning. */
  readonly step: GraphEnds;
  /** Takes a state; the one output is without meaning. */
  readonly write: GraphEnds;
  readonly read: GraphEnds;
}

/**
 * @param trace whose first `count` inputs are the state, and whose first `count` outputs are what it becomes.
 */
export function inVariables(
  { nodes, inputs, outputs }: Trace,
  count: number,
): { nodes: NodeDef[]; ends: StateEnds } {
  const placeholders = new Map(nodes.map((node) => [`${node.name}:0`, node]));
  const state = inputs.slice(0, count).map((input, i) => {
    const placeholder = placeholders.get(input) as NodeDef; // every input is one
    const shared = nodes.some((node) => isInPart(node) && node.inputs.includes(input));
    return variable(i, placeholder, outputs[i] as string, shared);
  });
  const reads = new Map(state.map(({ reading }) => [reading.name, reading]));
  const controls = (kind: "next" | "write") => state.map((_, i) => `^${kind}_${i}`);
  return {
    nodes: [
      ...nodes.map((node) => reads.get(node.name) ?? node),
      ...state.flatMap(({ others }) => others),
      after("stepped", controls("next")),
      after("written", controls("write")),
    ],
    ends: {
      step: { inputs: inputs.slice(count), outputs: [...outputs.slice(count), "stepped:0"] },
      write: { inputs: state.map((_, i) => `given_${i}:0`), outputs: ["written:0"] },
      read: { inputs: [], outputs: state.map((_, i) => `read_${i}:0`) },
    },
  };
}

/**
 * The nodes of one variable: `reading` stands where the placeholder was. What parts of the graph
 * share is read before them: read within one, it would keep the others waiting for that one.
 */
function variable(
  i: number,
  placeholder: NodeDef,
  next: string,
  shared: boolean,
): { reading: NodeDef; others: NodeDef[] } {
  const { dtype, shape } = placeholder.attrs as { readonly [of in "dtype" | "shape"]: AttrValue }; // as the recorder makes it
  const handle = `state_${i}:0`;
  const of = (name: string, op: string, inputs: string[], more: NodeDef["attrs"] = {}): NodeDef => ({
    name,
    op,
    inputs,
    attrs: { ...more, dtype },
  });
  const named: NodeDef["attrs"] = { shape, shared_name: { kind: "string", value: `state_${i}` } };
  return {
    reading: of(placeholder.name, "ReadVariableOp", [handle], shared ? NOT_COMPILED : {}),
    others: [
      of(`state_${i}`, "VarHandleOp", [], named),
      of(`next_${i}`, "AssignVariableOp", [handle, next, `^${placeholder.name}`]),
      { ...placeholder, name: `given_${i}` },
      of(`write_${i}`, "AssignVariableOp", [handle, `given_${i}:0`], NOT_COMPILED),
      of(`read_${i}`, "ReadVariableOp", [handle], NOT_COMPILED),
    ],
  };
}

const NOT_COMPILED: NodeDef["attrs"] = { _XlaCompile: { kind: "bool", value: false } };

/** Something to fetch, which the nodes named come before. */
const after = (name: string, inputs: readonly string[]): NodeDef => ({
  name,
  op: "Const",
  inputs,
  attrs: {
    ...NOT_COMPILED,
    dtype: { kind: "type", value: DataType.float32 },
    value: { kind: "tensor", dtype: DataType.float32, shape: [], bytes: new Uint8Array(4) },
  },
});
