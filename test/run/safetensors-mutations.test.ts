import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/run/safetensors.ts";
import { fromBits } from "./safetensors-files.ts";

test("of 4,000 seeded mutations of a valid file each is read or refused with an InputError", () => {
  const valid = encodeSafetensors(
    {
      "wte.weight": fromBits([3, 2], [1, 2, 3, 4, 5, 6]),
      flags: { shape: [3], dtype: "BOOL", data: Int32Array.of(1, 0, 1) },
      half: { shape: [2], dtype: "F16", data: Float32Array.of(1, -2) },
      step: { shape: [], dtype: "I64", data: Int32Array.of(500) },
    },
    { format: "pt" },
  );
  const outcomes = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(mutation(valid.length), { minLength: 1, maxLength: 3 }), (mutations) => {
      const file = mutations.reduce((bytes, mutate) => mutate(bytes), valid as Uint8Array);
      try {
        decodeSafetensors(file, "mutant");
        outcomes.read += 1;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        outcomes.refused += 1;
      }
    }),
    { seed: 2, numRuns: 4000 },
  );
  expect(outcomes.read).toBeGreaterThan(50); // the data may be anything
  expect(outcomes.refused).toBeGreaterThan(1000);
});

/** Flips, overwrites, inserts, deletes, truncates, doubles a part, or replaces a digit by a large number. */
function mutation(size: number): fc.Arbitrary<(file: Uint8Array) => Uint8Array> {
  const at = fc.oneof(fc.integer({ min: 0, max: size }), fc.integer({ min: 0, max: 12 }));
  const value = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(...Buffer.from('0-9e.,:[]{}"\\ u')),
  );
  const number = fc.constantFrom("-1", "1e3", "4294967296", "9007199254740993", "0.5", '"4"', "null");
  const splice = (file: Uint8Array, from: number, remove: number, insert: Uint8Array) =>
    Uint8Array.from([...file.subarray(0, from), ...insert, ...file.subarray(from + remove)]);
  return fc.oneof(
    fc.tuple(at, value).map(
      ([i, v]) =>
        (file: Uint8Array) =>
          file.map((byte, j) => (j === i ? v : byte)),
    ),
    fc.tuple(at, fc.nat(7)).map(
      ([i, b]) =>
        (file: Uint8Array) =>
          file.map((byte, j) => (j === i ? byte ^ (1 << b) : byte)),
    ),
    fc.tuple(at, value).map(
      ([i, v]) =>
        (file: Uint8Array) =>
          splice(file, i, 0, Uint8Array.of(v)),
    ),
    fc.tuple(at, fc.nat(9)).map(
      ([i, n]) =>
        (file: Uint8Array) =>
          splice(file, i, n, new Uint8Array(0)),
    ),
    at.map((i) => (file: Uint8Array) => file.slice(0, i)),
    fc.tuple(at, fc.nat(60)).map(
      ([i, n]) =>
        (file: Uint8Array) =>
          splice(file, i, 0, file.slice(i, i + n)),
    ),
    fc.tuple(at, number).map(([i, text]) => (file: Uint8Array) => {
      const digit = file.findIndex((byte, j) => j >= Math.max(i, 8) && byte >= 48 && byte <= 57);
      return digit < 0 ? file : splice(file, digit, 1, new TextEncoder().encode(text));
    }),
  );
}
