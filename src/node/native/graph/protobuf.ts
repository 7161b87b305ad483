/**
 * The few TensorFlow messages that describe a graph, written in protobuf's wire format.
 *
 * Field numbers: tensorflow/core/framework/{node_def,attr_value,tensor,tensor_shape,graph}.proto
 * and tensorflow/core/protobuf/{meta_graph,saved_model}.proto. Wire format: a key `field << 3 |
 * type`, then a varint (type 0), a little-endian float (type 5) or a length and that many bytes
 * (type 2).
 */
import { joined } from "../../../tensor/joined.ts";

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
  const graph = [...nodes.map((node) => message(1, nodeDef(node))), message(4, integer(1, producer))];
  const metaInfo = text(4, "serve");
  return concat([integer(1, 1), message(2, concat([message(1, metaInfo), message(2, concat(graph))]))]);
}

function nodeDef({ name, op, inputs, attrs }: NodeDef): Uint8Array {
  const entries = Object.entries(attrs).map(([key, value]) =>
    message(5, concat([text(1, key), message(2, attrValue(value))])),
  );
  return concat([text(1, name), text(2, op), ...inputs.map((input) => text(3, input)), ...entries]);
}

function attrValue(attr: AttrValue): Uint8Array {
  switch (attr.kind) {
    case "string":
      return text(2, attr.value);
    case "int":
      return listOr(attr.value, (v) => integer(3, v));
    case "float":
      return listOr(attr.value, (v) => float(4, v));
    case "bool":
      return listOr(attr.value, (v) => integer(5, v ? 1 : 0));
    case "type":
      return listOr(attr.value, (v) => integer(6, v));
    case "shape":
      return message(7, tensorShape(attr.value));
    case "shapes":
      return listOr(attr.value, (shape) => message(7, tensorShape(shape)));
    case "tensor":
      return message(
        8,
        concat([integer(1, attr.dtype), message(2, tensorShape(attr.shape)), message(4, attr.bytes)]),
      );
    default:
      return attr satisfies never;
  }
}

/** One value, or an `AttrValue.ListValue`, whose fields have the numbers of the single values. */
function listOr<T>(value: T | readonly T[], field: (value: T) => Uint8Array): Uint8Array {
  return Array.isArray(value) ? message(1, concat(value.map(field))) : field(value as T);
}

const tensorShape = (shape: readonly number[]) => concat(shape.map((size) => message(2, integer(1, size))));

function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value)); // negative integers take ten bytes, as in two's complement
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const integer = (field: number, value: number) => concat([varint(field << 3), varint(value)]);

function float(field: number, value: number): Uint8Array {
  return concat([varint((field << 3) | 5), new Uint8Array(new Float32Array([value]).buffer)]);
}

function message(field: number, bytes: Uint8Array): Uint8Array {
  return concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

const text = (field: number, value: string) => message(field, new TextEncoder().encode(value));

const concat = (parts: readonly Uint8Array[]): Uint8Array =>
  joined((length) => new Uint8Array(length), parts);
