/**
 * The few TensorFlow messages that describe a graph.
 *
 * Field numbers: tensorflow/core/framework/{node_def,attr_value,tensor,tensor_shape,graph}.proto
 * and tensorflow/core/protobuf/{meta_graph,saved_model}.proto.
 */
import { Writer } from "./wire-format.ts";

/** TensorFlow's numbers of element types (tensorflow/core/framework/types.proto). */
export const DataType = { float32: 1, int32: 3, string: 7, bool: 10, bfloat16: 14, resource: 20 } as const;

export type AttrValue =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "int"; readonly value: number | readonly number[] }
  | { readonly kind: "float"; readonly value: number | readonly number[] }
  | { readonly kind: "bool"; readonly value: boolean | readonly boolean[] }
  | { readonly kind: "type"; readonly value: number | readonly number[] }
  | { readonly kind: "shape"; readonly value: readonly number[] }
  | { readonly kind: "shapes"; readonly value: readonly (readonly number[])[] }
  | {
      readonly kind: "tensor";
      readonly dtype: number;
      readonly shape: readonly number[];
      readonly bytes: Uint8Array;
    };

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `node:output`, or `^node` for a control input. */
  readonly inputs: readonly string[];
  readonly attrs: Readonly<Record<string, AttrValue>>;
}

/** The bytes of a `saved_model.pb` with one meta graph, tagged "serve". */
export function savedModel(nodes: readonly NodeDef[], producer: number): Uint8Array {
  const to = new Writer();
  to.integer(1, 1);
  to.message(2, () => {
    to.message(1, () => to.text(4, "serve"));
    to.message(2, () => {
      for (const node of nodes) to.message(1, () => writeNode(to, node));
      to.message(4, () => to.integer(1, producer));
    });
  });
  return to.written();
}

function writeNode(to: Writer, { name, op, inputs, attrs }: NodeDef): void {
  to.text(1, name);
  to.text(2, op);
  for (const input of inputs) to.text(3, input);
  for (const [key, value] of Object.entries(attrs)) {
    to.message(5, () => {
      to.text(1, key);
      to.message(2, () => writeAttr(to, value));
    });
  }
}

function writeAttr(to: Writer, attr: AttrValue): void {
  const write = ATTRS[attr.kind] as (to: Writer, attr: AttrValue) => void; // that of its own kind
  write(to, attr);
}

type OfKind<K extends AttrValue["kind"]> = Extract<AttrValue, { readonly kind: K }>;

const ATTRS: { readonly [K in AttrValue["kind"]]: (to: Writer, attr: OfKind<K>) => void } = {
  string: (to, { value }) => to.text(2, value),
  int: (to, { value }) => writeListOr(to, value, (one) => to.integer(3, one)),
  float: (to, { value }) => writeListOr(to, value, (one) => to.float(4, one)),
  bool: (to, { value }) => writeListOr(to, value, (one) => to.integer(5, one ? 1 : 0)),
  type: (to, { value }) => writeListOr(to, value, (one) => to.integer(6, one)),
  shape: (to, { value }) => to.message(7, () => writeShape(to, value)),
  shapes: (to, { value }) => writeListOr(to, value, (one) => to.message(7, () => writeShape(to, one))),
  tensor: (to, { dtype, shape, bytes }) =>
    to.message(8, () => {
      to.integer(1, dtype);
      to.message(2, () => writeShape(to, shape));
      to.bytes(4, bytes);
    }),
};

/** One value, or an `AttrValue.ListValue`, whose fields have the numbers of the single values. */
function writeListOr<T>(to: Writer, value: T | readonly T[], write: (value: T) => void): void {
  if (Array.isArray(value)) to.message(1, () => value.forEach(write));
  else write(value as T);
}

function writeShape(to: Writer, shape: readonly number[]): void {
  for (const size of shape) to.message(2, () => to.integer(1, size));
}
