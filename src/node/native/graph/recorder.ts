/** The state of one trace: the nodes so far, and which of the handles given out is which node's output. */
import type { tf } from "../../../tensor/tf.ts";
import {
  attrValue,
  type Binding,
  copyOf,
  type NativeBackend,
  type OpAttr,
  type TensorHandle,
  type TypedArray,
} from "./backend.ts";
import { runExample } from "./example.ts";
import { Parts } from "./parts.ts";
import type { NodeDef } from "./protobuf.ts";
import { type Operand, outputTypes, type TensorType } from "./shape-rules.ts";
import { Turns } from "./turns.ts";

/** The trace that is going on. */
let recording: Recorder | undefined;

/** Runs `fn`; in a trace its nodes wait for those that are there (`turns.ts`). */
export const inTurn = <T>(fn: () => T): T => (recording === undefined ? fn() : recording.afterAll(fn));

/** Runs `fn`; in a trace XLA compiles its nodes apart from all others. */
export const apart = <T>(fn: () => T): T => (recording === undefined ? fn() : recording.apart(fn));

/**
 * The id of the handle that was given out last. Handles of a trace stand for no tensor of
 * TensorFlow: their ids are negative, which tfjs-node's backend never frees, and none is used
 * twice.
 */
let lastId = -1;

/** An output of a node. */
interface Value extends Operand {
  /** `node:output` */
  readonly source: string;
}

/** Writes down the ops that a function calls while it is being recorded. */
export class Recorder {
  readonly nodes: NodeDef[] = [];
  readonly #backend: NativeBackend;
  readonly #binding: Binding;
  readonly #name: string;
  /** By the id of its handle. */
  readonly #made = new Map<number, Value>();
  /** Tensors of JS values made inside the function, not yet uploaded. */
  readonly #written = new WeakSet<object>();
  readonly #turns = new Turns();
  readonly #parts = new Parts();

  constructor(backend: NativeBackend, name: string) {
    this.#backend = backend;
    this.#binding = backend.binding;
    this.#name = name;
  }

  /** Stands for an input: a tensor of the type of `x`, and where it is fed. */
  placeholder({ dataId, shape }: tf.Tensor, i: number): { parameter: tf.Tensor; input: string } {
    const { dtype } = this.#backend.tensorMap.get(dataId) as TensorType;
    const attrs: NodeDef["attrs"] = {
      dtype: { kind: "type", value: dtype },
      shape: { kind: "shape", value: shape },
    };
    const input = this.#add(`input_${i}`, "Placeholder", [], attrs);
    return { parameter: this.#backend.createOutputTensor(this.#handle(input, { dtype, shape })), input };
  }

  /** Runs `fn` with the backend's door to TensorFlow watched; the door is put back whatever happens. */
  whileRecording<T>(fn: () => T): T {
    const backend = this.#backend;
    const { getInputTensorIds, write, readSync } = backend;
    backend.binding = {
      ...copyOf(this.#binding),
      executeOp: (op, attrs, inputs, count) => this.#executeOp(op, attrs, inputs, count),
      createTensor: (shape, dtype, data) => this.#createTensor(shape, dtype, data),
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
      // A constant that the function wrote itself is the same at each call; all else would be
      // frozen at its present value.
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

  /** Runs `fn`; XLA compiles its nodes apart from all others. */
  apart<T>(fn: () => T): T {
    return this.#parts.within(fn);
  }

  /** The node outputs to fetch; each once, as a session returns no output twice. */
  fetches(outputs: readonly tf.Tensor[]): string[] {
    const taken = new Set<string>();
    return outputs.map((output, i) => {
      this.#requireOwn(output);
      const record = this.#backend.tensorMap.get(output.dataId);
      if (record?.values)
        return this.#constant(`output_${i}`, record.shape, record.dtype, record.values.slice());
      const { source, dtype } = this.#value(record?.id as number);
      if (!taken.has(source) && !source.startsWith("input_")) {
        taken.add(source);
        return source;
      }
      return this.#add(`output_${i}`, "Identity", [source], { T: { kind: "type", value: dtype } });
    });
  }

  #executeOp(op: string, attrs: OpAttr[], inputs: number[], count: number): TensorHandle[] {
    const operands = inputs.map((id) => this.#value(id));
    const types = outputTypes(op, attrs, operands) ?? runExample(this.#binding, op, attrs, operands, count);
    const where = `compile(${this.#name}): op ${op}`;
    const name = `${op}_${this.nodes.length}`; // what TensorFlow's messages say
    const given = Object.fromEntries(attrs.map((attr) => [attr.name, attrValue(this.#binding, where, attr)]));
    // The one kernel that leaves a type to be inferred from its input, which an eager op does and a
    // graph does not.
    const inferred: NodeDef["attrs"] =
      op === "ExpandDims" ? { T: { kind: "type", value: operands[0]?.dtype as number } } : {};
    this.#add(
      name,
      op,
      operands.map(({ source }) => source),
      { ...inferred, ...given },
    );
    return types.map((type, i) => this.#handle(`${name}:${i}`, type));
  }

  #value(id: number): Value {
    const made = this.#made.get(id);
    if (made === undefined)
      throw new TypeError(`compile(${this.#name}): the function did not make the tensor of handle ${id}`);
    return made;
  }

  #handle(source: string, { dtype, shape, data }: Operand): TensorHandle {
    lastId -= 1;
    this.#made.set(lastId, { source, dtype, shape, data });
    return { id: lastId, dtype, shape: [...shape] };
  }

  #createTensor(shape: number[], dtype: number, data: TypedArray): number {
    const copy = data.slice();
    const source = this.#constant(`Const_${this.nodes.length}`, shape, dtype, copy);
    return this.#handle(source, { dtype, shape, data: copy }).id;
  }

  /** Takes the elements over. */
  #constant(name: string, shape: readonly number[], dtype: number, data: TypedArray): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return this.#add(name, "Const", [], {
      dtype: { kind: "type", value: dtype },
      value: { kind: "tensor", dtype, shape, bytes },
    });
  }

  #add(name: string, op: string, inputs: readonly string[], attrs: NodeDef["attrs"]): string {
    const waits = this.#turns.waits(name, inputs);
    this.nodes.push({ name, op, inputs: [...inputs, ...waits], attrs: { ...attrs, ...this.#parts.mark() } });
    return `${name}:0`;
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
