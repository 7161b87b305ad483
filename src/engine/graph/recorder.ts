/** The state of one trace: the nodes so far, and which handle of the binding is which node's output. */
import { tf } from "../../tensor/tf.ts";
import type { Binding, NativeBackend, OpAttr, TensorHandle } from "./backend.ts";
import type { AttrValue, NodeDef } from "./protobuf.ts";
import { Turns } from "./turns.ts";

/** The binding as a plain object: its own properties are read-only, not enumerable, and ignore assignments without a word. */
function copyOf(binding: Binding): Binding {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(binding));
  return Object.fromEntries(properties.map(([key, { value }]) => [key, value])) as unknown as Binding; // the same properties
}

/** The trace that is going on. */
let recording: Recorder | undefined;

/** Runs functions one after another, in a graph too (`turns.ts`), and frees what each leaves but its result. */
export function inTurn<T extends tf.Tensor>(functions: readonly (() => T)[]): T[] {
  if (functions.length === 1) return functions.map((fn) => fn());
  return functions.map((fn) => tf.tidy(() => recording?.afterAll(fn) ?? fn()));
}

/** Writes down the ops that a function calls while it is being recorded. */
export class Recorder {
  readonly nodes: NodeDef[] = [];
  readonly #backend: NativeBackend;
  readonly #binding: Binding;
  readonly #name: string;
  /** Handle id → its `node:output` and type. */
  readonly #made = new Map<number, { readonly source: string; readonly dtype: number }>();
  /** Tensors of JS values made inside the function, not yet uploaded. */
  readonly #written = new WeakSet<object>();
  readonly #turns = new Turns();

  constructor(backend: NativeBackend, name: string) {
    this.#backend = backend;
    this.#binding = backend.binding;
    this.#name = name;
  }

  placeholder(x: tf.Tensor, i: number): string {
    const record = this.#backend.tensorMap.get(x.dataId) as { id: number; dtype: number };
    const attrs: NodeDef["attrs"] = {
      dtype: { kind: "type", value: record.dtype },
      shape: { kind: "shape", value: x.shape },
    };
    const node = this.#add(`input_${i}`, "Placeholder", [], attrs);
    this.#made.set(record.id, { source: node, dtype: record.dtype });
    return node;
  }

  /** Runs `fn` with the backend's door to TensorFlow watched; the door is put back whatever happens. */
  whileRecording<T>(fn: () => T): T {
    const backend = this.#backend;
    const { getInputTensorIds, write, readSync } = backend;
    backend.binding = {
      ...copyOf(this.#binding),
      executeOp: (op, attrs, inputs, count) => this.#executeOp(op, attrs, inputs, count),
      createTensor: (shape, dtype, data) => this.#createTensor(shape, dtype, data),
      deleteTensor: (id) => this.#deleteTensor(id),
    };
    backend.getInputTensorIds = (tensors) => {
      for (const tensor of tensors) this.#requireOwn(tensor);
      return getInputTensorIds.call(backend, tensors);
    };
    backend.write = (values, shape, dtype) => {
      const dataId = write.call(backend, values, shape, dtype);
      this.#written.add(dataId);
      return dataId;
    };
    backend.readSync = (dataId) => {
      // A constant that the function wrote itself is the same at each call; all else would be frozen at its present value.
      const constant = this.#written.has(dataId) && backend.tensorMap.get(dataId)?.values;
      if (!constant)
        this.#refuse("reads the value of a tensor", "compute with the tensor, and read the result");
      return readSync.call(backend, dataId);
    };
    recording = this;
    try {
      return fn();
    } finally {
      recording = undefined;
      backend.binding = this.#binding;
      Object.assign(backend, { getInputTensorIds, write, readSync });
    }
  }

  /** Runs `fn`; its nodes wait for the last node so far. */
  afterAll<T>(fn: () => T): T {
    return this.#turns.afterNode(this.nodes.at(-1)?.name, fn);
  }

  /** The node outputs to fetch; each once, as a session returns no output twice. */
  fetches(outputs: readonly tf.Tensor[]): string[] {
    const taken = new Set<string>();
    return outputs.map((output, i) => {
      this.#requireOwn(output);
      const record = this.#backend.tensorMap.get(output.dataId);
      if (record?.values) return this.#constant(`output_${i}`, record.shape, record.dtype, record.values);
      const { source, dtype } = this.#source(record?.id as number);
      if (!taken.has(source) && !source.startsWith("input_")) {
        taken.add(source);
        return source;
      }
      return this.#add(`output_${i}`, "Identity", [source], { T: { kind: "type", value: dtype } });
    });
  }

  /** The binding gives the id to a new tensor, which then takes its place in the record. */
  #deleteTensor(id: number): void {
    this.#made.delete(id);
    this.#binding.deleteTensor(id);
  }

  #executeOp(op: string, attrs: OpAttr[], inputs: number[], count: number): TensorHandle[] {
    const handles = this.#binding.executeOp(op, attrs, inputs, count);
    const name = `${op}_${this.nodes.length}`; // what TensorFlow's messages say
    const sources = inputs.map((id) => this.#source(id));
    const given = Object.fromEntries(attrs.map((attr) => [attr.name, this.#attr(op, attr)]));
    // The one kernel that leaves a type to be inferred from its input, which an eager op does and a graph does not.
    const inferred: NodeDef["attrs"] =
      op === "ExpandDims" ? { T: { kind: "type", value: sources[0]?.dtype as number } } : {};
    this.#add(
      name,
      op,
      sources.map(({ source }) => source),
      { ...inferred, ...given },
    );
    handles.forEach(({ id, dtype }, i) => {
      this.#made.set(id, { source: `${name}:${i}`, dtype });
    });
    return handles;
  }

  #source(id: number): { readonly source: string; readonly dtype: number } {
    const made = this.#made.get(id);
    if (made === undefined)
      throw new TypeError(`compile(${this.#name}): the function did not make the tensor of handle ${id}`);
    return made;
  }

  #createTensor(shape: number[], dtype: number, data: ArrayBufferView): number {
    const id = this.#binding.createTensor(shape, dtype, data);
    this.#made.set(id, { source: this.#constant(`Const_${this.nodes.length}`, shape, dtype, data), dtype });
    return id;
  }

  #constant(name: string, shape: readonly number[], dtype: number, data: ArrayBufferView): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    return this.#add(name, "Const", [], {
      dtype: { kind: "type", value: dtype },
      value: { kind: "tensor", dtype, shape, bytes },
    });
  }

  #add(name: string, op: string, inputs: readonly string[], attrs: NodeDef["attrs"]): string {
    this.nodes.push({ name, op, inputs: [...inputs, ...this.#turns.waits(name, inputs)], attrs });
    return `${name}:0`;
  }

  #attr(op: string, { name, type, value }: OpAttr): AttrValue {
    const binding = this.#binding;
    switch (type) {
      case binding.TF_ATTR_STRING:
        return { kind: "string", value: value as string };
      case binding.TF_ATTR_INT:
        return { kind: "int", value: value as number | number[] };
      case binding.TF_ATTR_FLOAT:
        return { kind: "float", value: value as number | number[] };
      case binding.TF_ATTR_BOOL:
        return { kind: "bool", value: value as boolean | boolean[] };
      case binding.TF_ATTR_TYPE:
        return { kind: "type", value: value as number };
      case binding.TF_ATTR_SHAPE:
        return { kind: "shape", value: value as number[] };
      default:
        throw new TypeError(
          `compile(${this.#name}): op ${op} has an attribute ${name} of unknown type ${type}`,
        );
    }
  }

  /** Refuses a tensor that neither is a parameter nor was made by the function. */
  #requireOwn(tensor: tf.TensorInfo): void {
    const record = this.#backend.tensorMap.get(tensor.dataId);
    if (record === undefined) return; // an Int64Scalar: tfjs-node's own constant, uploaded through createTensor
    const own = record.values === null ? this.#made.has(record.id) : this.#written.has(tensor.dataId);
    if (!own) {
      const what = `captures a ${tensor.dtype} tensor of shape [${tensor.shape}] from outside`;
      this.#refuse(what, "pass it as an input: a captured tensor would be frozen at its present value");
    }
  }

  #refuse(what: string, mend: string): never {
    throw new TypeError(`compile(${this.#name}): the function ${what}; ${mend}`);
  }
}
