/** Damaged safetensors files: read or refused, with no more memory than the file has bytes. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.ts";
import { readSafetensors } from "../../src/node/run/safetensors-file.ts";
import { MUTANTS_TIMEOUT, mutants, mutation } from "../node/run/mutations.ts";
import { fromBits } from "./safetensors-files.ts";

const COUNT = mutants(4000);

test(
  `of ${COUNT} seeded mutations of a valid file each is read or refused in one line`,
  () => {
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
          if (!(error instanceof InputError) || error.message.includes("\n")) throw error;
          outcomes.refused += 1;
        }
      }),
      { seed: 2, numRuns: COUNT },
    );
    expect(outcomes.read).toBeGreaterThan(COUNT / 80); // the data may be anything
    expect(outcomes.refused).toBeGreaterThan(COUNT / 4);
  },
  MUTANTS_TIMEOUT,
);

test("reading a file of 32 MiB sets aside the memory of its values and no copy of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "large-"));
  try {
    const path = join(folder, "large.safetensors");
    const tensor = { shape: [2 ** 20], dtype: "F32", data: new Float32Array(2 ** 20) } as const;
    const named = Array.from({ length: 8 }, (_, i) => [`t${i}`, tensor] as const);
    writeFileSync(path, encodeSafetensors(Object.fromEntries(named)));
    const before = process.memoryUsage().arrayBuffers;
    const { tensors } = await readSafetensors(path);
    const held = process.memoryUsage().arrayBuffers - before;
    expect(Object.keys(tensors)).toHaveLength(8);
    expect(held / statSync(path).size).toBeLessThan(1.1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// A small file is read at once, a larger one tensor by tensor.
test.each([1000, 400_000])(
  "%i values come from disk as they were written, under their hash alone",
  async (n) => {
    const folder = mkdtempSync(join(tmpdir(), "sized-"));
    try {
      const path = join(folder, "sized.safetensors");
      const data = Float32Array.from({ length: n }, (_, i) => i / 7);
      const bytes = encodeSafetensors({
        flags: { shape: [3], dtype: "BOOL", data: Int32Array.of(1, 0, 1) },
        weight: { shape: [n], dtype: "F32", data },
      });
      writeFileSync(path, bytes);
      const sum = createHash("sha256").update(bytes).digest("hex");
      for (const given of [sum, undefined]) {
        const { tensors, metadata } = await readSafetensors(path, given);
        expect(Buffer.compare(encodeSafetensors(tensors, metadata), bytes)).toBe(0);
      }
      await expect(readSafetensors(path, sum.replace(/^./, "x"))).rejects.toThrow(/is not what was saved/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
