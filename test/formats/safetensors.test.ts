import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../../src/formats/safetensors.ts";
import { DTYPES, type Dtype, fromBytes, toBytes } from "../../src/formats/safetensors-dtypes.ts";
import { anyText, bitsOf, fromBits } from "./safetensors-files.ts";

interface Golden {
  readonly title: string;
  readonly file: string;
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, { dtype: Dtype; shape: number[]; bytes: string }>;
}

const goldens: { cases: Golden[] } = JSON.parse(
  readFileSync(new URL("../goldens/safetensors.json", import.meta.url), "utf8"),
);
const base64 = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

describe("against files of the Python package 0.8.0", () => {
  test.each(goldens.cases)("$title: bytes are read and written again as they were", (golden) => {
    const file = base64(golden.file);
    const { tensors, metadata } = decodeSafetensors(file, "golden");
    expect({ ...metadata }).toEqual({ ...golden.metadata });
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(golden.tensors).sort());
    for (const [name, expected] of Object.entries(golden.tensors)) {
      const tensor = tensors[name] as StoredTensor;
      expect([tensor.dtype, tensor.shape]).toEqual([expected.dtype, expected.shape]);
      expect(toBytes(tensor.dtype, tensor.data)).toEqual(base64(expected.bytes));
    }
    expect(Buffer.from(encodeSafetensors(tensors, metadata)).equals(file)).toBe(true);
  });

  test("every type is read as its numbers", () => {
    const golden = goldens.cases.find(({ title }) => title === "every type") as Golden;
    const { tensors } = decodeSafetensors(base64(golden.file), "golden");
    for (const dtype of DTYPES) {
      const expected = dtype === "BF16" ? [1, 0, Number.NaN] : [1, 0, 1];
      expect([...(tensors[dtype.toLowerCase()] as StoredTensor).data], dtype).toEqual(expected);
    }
  });
});

test("any float32 bits, shapes and names survive a round trip", () => {
  const bits = fc.oneof(
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.constantFrom(0x80000000, 1, 0x807fffff, 0x7f800001, 0xffc12345, 0x7f800000),
  );
  const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
  const tensor = shape.chain((sizes) => {
    const n = sizes.reduce((product, size) => product * size, 1);
    return fc.array(bits, { minLength: n, maxLength: n }).map((values) => fromBits(sizes, values));
  });
  const name = anyText.filter((text) => text !== "__metadata__");
  const tensors = fc.dictionary(name, tensor, { noNullPrototype: false });
  const metadata = fc.dictionary(anyText, anyText);
  fc.assert(
    fc.property(tensors, metadata, (given, texts) => {
      const read = decodeSafetensors(encodeSafetensors(given, texts), "round trip");
      expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(texts).sort());
      expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(given).sort());
      for (const [key, tensor] of Object.entries(given)) {
        expect(read.tensors[key]?.shape).toEqual(tensor.shape);
        expect(bitsOf(read.tensors[key] as StoredTensor)).toEqual(bitsOf(tensor));
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("each of the 65,536 halves is ±2^(e−15)·(1 + f/1024), ±2^−14·f/1024, ±∞ or NaN, and is written back", () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const wide = fromBytes("F16", new Uint8Array(halves.slice().buffer));
  expect(Buffer.compare(toBytes("F16", wide), new Uint8Array(halves.buffer))).toBe(0);
  const expected = Array.from(halves, (half) => {
    const [sign, e, f] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
    if (e === 31) return f === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (e === 0 ? 2 ** -14 * (f / 1024) : 2 ** (e - 15) * (1 + f / 1024));
  });
  expect(expected.findIndex((value, i) => !Object.is(value, wide[i]))).toBe(-1);
});

test("each of the 65,536 bfloat16 is the upper half of its float32", () => {
  const upper = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const wide = fromBytes("BF16", new Uint8Array(upper.slice().buffer));
  expect(new Uint32Array(wide.buffer).findIndex((bits, i) => bits !== i * 65_536)).toBe(-1);
  expect(Buffer.compare(toBytes("BF16", wide), new Uint8Array(upper.buffer))).toBe(0);
});

test.each<[Dtype, StoredTensor["data"]]>([
  ["F16", Float32Array.of(65_520)],
  ["F16", Float32Array.of(2 ** -25)],
  ["F16", Float32Array.of(1 + 2 ** -11)],
  ["BF16", Float32Array.of(1 + 2 ** -8)],
  ["U8", Int32Array.of(256)],
  ["I8", Int32Array.of(-129)],
  ["U32", Int32Array.of(-1)],
  ["U64", Int32Array.of(-1)],
  ["BOOL", Int32Array.of(2)],
])("writing %s refuses %o, which it does not hold", (dtype, data) => {
  expect(() => encodeSafetensors({ x: { shape: [1], dtype, data } })).toThrow(RangeError);
});

test.each<[string, Record<string, StoredTensor>]>([
  ["values that do not fill the shape", { x: fromBits([2], [0]) }],
  ["a negative size", { x: fromBits([-1], []) }],
  ["integers called float", { x: { shape: [1], dtype: "F32", data: new Int32Array(1) } }],
  ["floats called integer", { x: { shape: [1], dtype: "I64", data: new Float32Array(1) } }],
  ["the name of the metadata", { __metadata__: fromBits([], [0]) }],
  ["a name that is half of a surrogate pair", { "\ud800": fromBits([], [0]) }],
  ["an unknown type", { x: { shape: [1], dtype: "F8" as Dtype, data: new Float32Array(1) } }],
])("writing refuses %s", (_, tensors) => {
  expect(() => encodeSafetensors(tensors)).toThrow(TypeError);
});

test("the order of tensors and metadata given does not change the file", () => {
  const [a, b] = [fromBits([1], [1]), fromBits([1], [2])];
  const one = encodeSafetensors({ a, b }, { x: "1", y: "2" });
  expect(encodeSafetensors({ b, a }, { y: "2", x: "1" })).toEqual(one);
});

test("a view into a larger buffer is written as its own values", () => {
  const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
  const { tensors } = decodeSafetensors(encodeSafetensors({ x: { shape: [2], dtype: "F32", data } }), "view");
  expect([...(tensors.x as StoredTensor).data]).toEqual([1, 2]);
});
