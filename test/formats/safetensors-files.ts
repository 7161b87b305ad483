/** Small files and their headers, for the tests of the safetensors reader and writer. */
import fc from "fast-check";
import type { StoredTensor } from "../../src/formats/safetensors.ts";

/** A file from the text of its header and its data, with nothing checked or padded. */
export function rawFile(header: string | Uint8Array, data = new Uint8Array(0), length?: bigint): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

/** A float32 tensor from its bits, so that no value passes through a JavaScript number. */
export function fromBits(shape: readonly number[], bits: readonly number[]): StoredTensor {
  return { shape, dtype: "F32", data: new Float32Array(Uint32Array.from(bits).buffer) };
}

/** The bits of a tensor's values, as unsigned integers. */
export function bitsOf({ data }: StoredTensor): number[] {
  return [...new Uint32Array(data.buffer, data.byteOffset, data.length)];
}

/** Text of any code points but halves of surrogate pairs, mostly short and plain. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0x80, max: 0x10ffff })), {
    maxLength: 8,
  })
  .map((points) => String.fromCodePoint(...points).replace(/[\ud800-\udfff]/gu, "?"));

/** One header field of a tensor. */
export function field(name: string, dtype: string, shape: string, offsets: string): string {
  return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
}
