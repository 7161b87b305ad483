/**
 * What the tracer needs of tfjs-node's backend: the native binding and how tensors of TensorFlow.js
 * map to its handles.
 *
 * Read in tfjs-node 4.22.0, `dist/nodejs_kernel_backend.js` and `binding/tfjs_binding.cc`; the
 * package exports no types for it.
 */
import { tf } from "../../../tensor/tf.ts";
import type { AttrValue } from "./protobuf.ts";

/** An attribute as the binding takes it: `type` is one of the binding's `TF_ATTR_*` numbers. */
export interface OpAttr {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** An attribute that names an element type, by the binding's number of it. */
export const typeAttr = (binding: Binding, name: string, value: number): OpAttr => ({
  name,
  type: binding.TF_ATTR_TYPE as number,
  value,
});

/** The same attribute as a node of a graph has it; `where` begins the message where its type is unknown. */
export function attrValue(binding: Binding, where: string, { name, type, value }: OpAttr): AttrValue {
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
      return Array.isArray((value as unknown[])[0])
        ? { kind: "shapes", value: value as number[][] }
        : { kind: "shape", value: value as number[] };
    default:
      throw new TypeError(`${where} has an attribute ${name} of unknown type ${type}`);
  }
}

/** A tensor that the binding made: `id` names its handle. */
export interface TensorHandle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** Of int64 two int32 an element. */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

export interface Binding {
  readonly [constant: `TF_${string}`]: number;
  executeOp(op: string, attrs: OpAttr[], inputs: number[], outputCount: number): TensorHandle[];
  createTensor(shape: number[], dtype: number, data: TypedArray): number;
  deleteTensor(id: number): void;
  loadSavedModel(directory: string, tags: string): number;
  runSavedModel(session: number, inputs: number[], inputNames: string, outputNames: string): TensorHandle[];
  deleteSavedModel(session: number): void;
}

/**
 * The binding as a plain object: its own properties are read-only, not enumerable, and ignore
 * assignments without a word.
 */
export function copyOf(binding: Binding): Binding {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(binding));
  return Object.fromEntries(properties.map(([key, { value }]) => [key, value])) as unknown as Binding; // the same properties
}

/** What the backend keeps of a tensor: values that wait to be uploaded, or the id of a handle. */
export interface TensorRecord {
  readonly shape: number[];
  readonly dtype: number;
  readonly values: TypedArray | null;
  readonly id: number;
}

export interface NativeBackend {
  binding: Binding;
  /** Whether TensorFlow found a GPU. */
  readonly isUsingGpuDevice?: boolean;
  readonly tensorMap: { get(dataId: object): TensorRecord | undefined };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  write(values: TypedArray, shape: number[], dtype: string): object;
  readSync(dataId: object): TypedArray;
  createOutputTensor(handle: TensorHandle): tf.Tensor;
  executeSingleOutput(op: string, attrs: OpAttr[], inputs: readonly tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    op: string,
    attrs: OpAttr[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

/** The native backend, or undefined where another engine runs. */
export function nativeBackend(): NativeBackend | undefined {
  // tfjs-node registers its backend under this name; the cast adds the members that its own typings
  // leave private.
  return tf.getBackend() === "tensorflow" ? (tf.backend() as unknown as NativeBackend) : undefined;
}
