/**
 * Our protobuf bytes, read back by the library that tfjs-node generated from TensorFlow's own
 * .proto files.
 */
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import {
  type AttrValue,
  DataType,
  type NodeDef,
  savedModel,
} from "../../../../src/node/native/graph/protobuf.ts";

interface Message {
  toObject(): Record<string, unknown>;
}

// google-protobuf's classes; the package has types for none of them. Loading them needs no native library.
const { SavedModel } = createRequire(import.meta.url)("@tensorflow/tfjs-node/dist/proto/api_pb.js") as {
  SavedModel: { deserializeBinary(bytes: Uint8Array): Message };
};

interface Read {
  readonly savedModelSchemaVersion: number;
  readonly metaGraphsList: readonly {
    readonly metaInfoDef: { readonly tagsList: readonly string[] };
    readonly graphDef: {
      readonly versions: { readonly producer: number };
      readonly nodeList: readonly ReadNode[];
    };
  }[];
}

interface ReadNode {
  readonly name: string;
  readonly op: string;
  readonly inputList: readonly string[];
  readonly attrMap: readonly (readonly [string, Record<string, unknown>])[];
}

const read = (nodes: readonly NodeDef[]): Read =>
  SavedModel.deserializeBinary(savedModel(nodes, 1882)).toObject() as unknown as Read;

/** What the library reads of one attribute; fields that were not written come out as their defaults. */
function readBack(value: AttrValue): Record<string, unknown> {
  const model = read([{ name: "n", op: "Op", inputs: [], attrs: { a: value } }]);
  return model.metaGraphsList[0]?.graphDef.nodeList[0]?.attrMap[0]?.[1] as Record<string, unknown>;
}

test("a small graph reads back as it was written: names, ops, inputs, order, tag and versions", () => {
  const float: AttrValue = { kind: "type", value: DataType.float32 };
  const model = read([
    { name: "input_0", op: "Placeholder", inputs: [], attrs: { dtype: float } },
    { name: "n1", op: "Neg", inputs: ["input_0:0"], attrs: { T: float } },
    { name: "sum-\u03b2", op: "AddV2", inputs: ["n1:0", "input_0:0", "^n1"], attrs: { T: float } },
  ]);
  expect(model.savedModelSchemaVersion).toBe(1);
  expect(model.metaGraphsList).toHaveLength(1);
  expect(model.metaGraphsList[0]?.metaInfoDef.tagsList).toEqual(["serve"]);
  expect(model.metaGraphsList[0]?.graphDef.versions.producer).toBe(1882);
  const nodes = model.metaGraphsList[0]?.graphDef.nodeList ?? [];
  expect(nodes.map(({ name, op, inputList }) => [name, op, inputList])).toEqual([
    ["input_0", "Placeholder", []],
    ["n1", "Neg", ["input_0:0"]],
    ["sum-\u03b2", "AddV2", ["n1:0", "input_0:0", "^n1"]],
  ]);
  expect(nodes.map(({ attrMap }) => attrMap.map(([name, { type }]) => [name, type]))).toEqual([
    [["dtype", 1]],
    [["T", 1]],
    [["T", 1]],
  ]);
});

test.each<[string, AttrValue, object]>([
  ["text", { kind: "string", value: "SAME" }, { s: btoa("SAME") }],
  ["a whole number of one byte", { kind: "int", value: 127 }, { i: 127 }],
  ["a whole number of several bytes", { kind: "int", value: 2 ** 40 + 3 }, { i: 2 ** 40 + 3 }],
  ["a negative whole number", { kind: "int", value: -1 }, { i: -1 }],
  ["a float", { kind: "float", value: Math.fround(0.1) }, { f: Math.fround(0.1) }],
  ["true", { kind: "bool", value: true }, { b: true }],
  ["false", { kind: "bool", value: false }, { b: false }],
  ["a type", { kind: "type", value: DataType.resource }, { type: 20 }],
])("an attribute that is %s", (_, value, expected) => {
  expect(readBack(value)).toMatchObject(expected);
});

test.each<[string, AttrValue, object]>([
  ["whole numbers", { kind: "int", value: [1, 300, -2] }, { iList: [1, 300, -2] }],
  ["floats", { kind: "float", value: [0.5, -2] }, { fList: [0.5, -2] }],
  ["booleans", { kind: "bool", value: [true, false] }, { bList: [true, false] }],
  ["nothing", { kind: "int", value: [] }, { iList: [] }],
])("an attribute that is a list of %s", (_, value, expected) => {
  expect(readBack(value).list).toMatchObject(expected);
});

test("shapes keep their sizes, 0 and 1 included, and a scalar's shape has none", () => {
  const sizes = (shape: readonly number[]) => {
    const { dimList } = readBack({ kind: "shape", value: shape }).shape as { dimList: { size: number }[] };
    return dimList.map(({ size }) => size);
  };
  expect(sizes([2, 0, 1, 65_536])).toEqual([2, 0, 1, 65_536]);
  expect(sizes([])).toEqual([]);
});

test("a constant keeps its type, its shape and every byte", () => {
  const values = new Float32Array([1.5, -0, Number.NaN, 3e38, 0, 1e-45]);
  const bytes = new Uint8Array(values.buffer);
  const { tensor } = readBack({ kind: "tensor", dtype: DataType.float32, shape: [2, 3], bytes }) as {
    tensor: { dtype: number; tensorShape: { dimList: { size: number }[] }; tensorContent: string };
  };
  expect(tensor.dtype).toBe(1);
  expect(tensor.tensorShape.dimList.map(({ size }) => size)).toEqual([2, 3]);
  expect(Buffer.from(tensor.tensorContent, "base64").equals(bytes)).toBe(true);
});

test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])("%s is no size", (size) => {
  const node: NodeDef = { name: "n", op: "Op", inputs: [], attrs: { a: { kind: "shape", value: [size] } } };
  expect(() => savedModel([node], 1882)).toThrow(`protobuf: ${size} is no whole number`);
});
