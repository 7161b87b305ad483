/** Memory that is given back is used again, and never while somebody reads it. */
import { expect, test } from "vitest";
import { reusedMemory } from "../../src/formats/reused-memory.ts";
import { fromBytes } from "../../src/formats/safetensors-dtypes.ts";

test("the smallest that fits is used again, as long as asked for", () => {
  const memory = reusedMemory();
  const [small, large] = [memory.bytes(8), memory.bytes(64)];
  expect(small.buffer).not.toBe(large.buffer);
  memory.free(large);
  memory.free(small);
  const again = memory.bytes(5);
  expect([again.buffer, again.byteOffset, again.length]).toEqual([small.buffer, 0, 5]);
  expect(memory.bytes(5).buffer).toBe(large.buffer);
  expect(memory.bytes(5).buffer).not.toBe(large.buffer);
});

test("what is given back twice is not handed out twice, nor is what nobody gave back", () => {
  const memory = reusedMemory();
  const one = memory.bytes(16);
  memory.free(one);
  memory.free(new Float32Array(one.buffer, 0, 2));
  expect(memory.bytes(16).buffer).toBe(one.buffer);
  expect(memory.bytes(16).buffer).not.toBe(one.buffer);
});

test("four are kept, the largest, and none beyond 64 MiB", () => {
  const memory = reusedMemory();
  const all = [1, 2, 3, 4, 5].map((n) => memory.bytes(8 * n));
  for (const bytes of all) memory.free(bytes);
  expect(memory.bytes(1).buffer).toBe(all[1]?.buffer);
  memory.free({ buffer: { byteLength: 2 ** 26 + 1 } } as ArrayBufferView<ArrayBuffer>);
  expect(memory.bytes(2 ** 20).length).toBe(2 ** 20);
});

test.each(["BF16", "F16"] as const)("%s is widened into it, to the numbers of before", (dtype) => {
  const memory = reusedMemory();
  memory.free(new Uint8Array(64).fill(255));
  const bits = new Uint16Array([0x3c00, 0x3f80, 0xc000, 0]);
  const into = fromBytes(dtype, new Uint8Array(bits.buffer), memory);
  expect(into).toEqual(fromBytes(dtype, new Uint8Array(bits.slice().buffer)));
  expect([into.length, into.buffer.byteLength]).toEqual([4, 64]);
});
