/**
 * A graph that runs many times in one call.
 *
 * TensorFlow's loop is made of nodes. A variable comes in by Enter, Merge passes it or what
 * NextIteration hands on, and Switch sends it round once more or out, to Exit (Yu et al. 2018,
 * arXiv:1805.01772, section 4). What a turn gives is written to a row of a TensorArray.
 */
import type { tf } from "../../../tensor/tf.ts";
import { type AttrValue, DataType, type NodeDef } from "./protobuf.ts";
import type { GraphEnds } from "./session.ts";
import type { TreeTrace } from "./trace-tree.ts";

/** What the first inputs of a turn are: the rest are rows of `each`. */
export interface LoopForm {
  /** So many inputs are the state, and as many of the first outputs what it becomes. */
  readonly state: number;
  /** So many inputs after those are the same at every turn. */
  readonly inputs: number;
}

/**
 * @param trace of one turn
 * @returns the loop; its first input is the number of turns, and then come those of the turn
 */
export function repeated(
  { nodes, inputs, outputs, dtypes }: TreeTrace,
  form: LoopForm,
): { nodes: NodeDef[]; ends: GraphEnds } {
  const given = inputs.map((input) => nodes.find(({ name }) => `${name}:0` === input) as NodeDef); // every input is one
  const parts = given.map((placeholder, i) => {
    if (i < form.state) return stateInput(placeholder, outputs[i] as string);
    return i < form.state + form.inputs ? constantInput(placeholder) : rowInput(placeholder);
  });
  const inside = new Map(inputs.map((input, i) => [input, parts[i]?.inside as string]));
  const results = outputs
    .slice(form.state)
    .map((value, i) => collected(i, inside.get(value) ?? value, dtypes[form.state + i] as tf.DataType));
  const body = nodes.filter((node) => !given.includes(node)).map((node) => inBody(node, inside));
  return {
    nodes: [...COUNTING, ...parts.flatMap(({ nodes }) => nodes), ...body, ...results.flat()],
    ends: {
      inputs: ["turns:0", ...inputs],
      outputs: [
        ...given.slice(0, form.state).map(({ name }) => `${name}_exit:0`),
        ...results.map((_, i) => `rows_${i}:0`),
      ],
    },
  };
}

interface Part {
  readonly nodes: readonly NodeDef[];
  /** What the nodes of a turn read in the input's place. */
  readonly inside: string;
}

function stateInput(placeholder: NodeDef, next: string): Part {
  const { name, attrs } = placeholder;
  return {
    nodes: [placeholder, ...variable(name, `${name}:0`, next, attrs.dtype as AttrValue)],
    inside: `${name}_switch:1`,
  };
}

function constantInput(placeholder: NodeDef): Part {
  const { name, attrs } = placeholder;
  return {
    nodes: [placeholder, enter(`${name}_enter`, `${name}:0`, attrs.dtype as AttrValue, true)],
    inside: `${name}_enter:0`,
  };
}

type Shape = Extract<AttrValue, { readonly kind: "shape" }>;

/** Row n of an input at turn n. */
function rowInput(placeholder: NodeDef): Part {
  const { name } = placeholder;
  // As the recorder makes it.
  const { dtype, shape } = placeholder.attrs as { readonly dtype: AttrValue; readonly shape: Shape };
  const rows: Shape = { kind: "shape", value: [-1, ...shape.value] };
  return {
    nodes: [
      { ...placeholder, attrs: { dtype, shape: rows } },
      enter(`${name}_enter`, `${name}:0`, dtype, true),
      node(`${name}_row`, "GatherV2", [`${name}_enter:0`, TURN, `${name}_axis:0`], {
        ...{ Tparams: dtype, Tindices: INT32, Taxis: INT32, batch_dims: { kind: "int", value: 0 } },
      }),
      { ...constant(`${name}_axis`, 0), inputs: [EACH_TURN] },
    ],
    inside: `${name}_row:0`,
  };
}

/** The nodes that write output i of every turn to a row. */
function collected(i: number, value: string, dtype: tf.DataType): NodeDef[] {
  const T = typeOf(DataType[dtype as keyof typeof DataType]);
  const [array, flow] = [`array_${i}`, `flow_${i}`]; // an array's reads come after its writes by the flow
  return [
    node(array, "TensorArrayV3", ["turns:0"], { dtype: T }),
    enter(`${array}_enter`, `${array}:0`, typeOf(DataType.resource), true),
    node(`${array}_write`, "TensorArrayWriteV3", [`${array}_enter:0`, TURN, value, `${flow}_switch:1`], {
      T,
    }),
    ...variable(flow, `${array}:1`, `${array}_write:0`, FLOAT),
    node(`rows_${i}`, "TensorArrayGatherV3", [`${array}:0`, "rows:0", `${flow}_exit:0`], { dtype: T }),
  ];
}

/** A constant belongs to a turn by a control input; all else follows from an input or a constant. */
function inBody(one: NodeDef, inside: ReadonlyMap<string, string>): NodeDef {
  const inputs = one.op === "Const" ? [EACH_TURN] : one.inputs.map((input) => inside.get(input) ?? input);
  return { ...one, inputs };
}

/** What goes from one turn to the next. */
const variable = (name: string, initial: string, next: string, T: AttrValue): NodeDef[] => [
  enter(`${name}_enter`, initial, T, false),
  node(`${name}_merge`, "Merge", [`${name}_enter:0`, `${name}_next:0`], { T, N: { kind: "int", value: 2 } }),
  node(`${name}_switch`, "Switch", [`${name}_merge:0`, "goes_on:0"], { T }),
  node(`${name}_next`, "NextIteration", [next], { T }),
  node(`${name}_exit`, "Exit", [`${name}_switch:0`], { T }),
];

const enter = (name: string, input: string, T: AttrValue, same: boolean): NodeDef =>
  node(name, "Enter", [input], {
    T,
    frame_name: { kind: "string", value: "turns" },
    is_constant: { kind: "bool", value: same },
    parallel_iterations: { kind: "int", value: 1 },
  });

const node = (
  name: string,
  op: string,
  inputs: readonly string[],
  attrs: NodeDef["attrs"] = {},
): NodeDef => ({ name, op, inputs, attrs });

const typeOf = (value: number): AttrValue => ({ kind: "type", value });
const [INT32, FLOAT] = [typeOf(DataType.int32), typeOf(DataType.float32)];

const constant = (name: string, value: number): NodeDef =>
  node(name, "Const", [], {
    dtype: INT32,
    value: {
      ...{ kind: "tensor", dtype: DataType.int32, shape: [] },
      bytes: new Uint8Array(Int32Array.of(value).buffer),
    },
  });

/** The number of the turn. */
const TURN = "turn_switch:1";
const EACH_TURN = "^each_turn";

/** turn = 0 … turns − 1 */
const COUNTING: readonly NodeDef[] = [
  node("turns", "Placeholder", [], { dtype: INT32, shape: { kind: "shape", value: [] } }),
  enter("turns_enter", "turns:0", INT32, true),
  constant("zero", 0),
  constant("one", 1),
  node("rows", "Range", ["zero:0", "turns:0", "one:0"], { Tidx: INT32 }),
  ...variable("turn", "zero:0", "turn_after:0", INT32),
  node("goes_on_while", "Less", ["turn_merge:0", "turns_enter:0"], { T: INT32 }),
  node("goes_on", "LoopCond", ["goes_on_while:0"]),
  node("each_turn", "Identity", [TURN], { T: INT32 }),
  { ...constant("step", 1), inputs: [EACH_TURN] },
  node("turn_after", "AddV2", [TURN, "step:0"], { T: INT32 }),
];
