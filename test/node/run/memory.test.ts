/** What is too large for any machine is refused before it leaves anything behind. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StartedEngine, startEngine } from "../../../src/engine/index.ts";
import { leastBytes, requireMemory } from "../../../src/node/run/memory.ts";
import { runTraining } from "../../../src/node/run/training.ts";
import { parsePreset } from "../../../src/train/preset.ts";
import { smallModel } from "../../model/small.ts";

let folder: string;
let engine: StartedEngine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "memory-"));
  engine = await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

const preset = (...changes: string[]) =>
  parsePreset({ name: "big", model: { position: { kind: "none" } } }, "preset", changes);

test("the estimate counts parameters four times, activations once, and grows with T² for attention", () => {
  const bytes = (context: number, batch: number) =>
    leastBytes(smallModel({ kind: "none" }, { context }), batch);
  const parameters = bytes(8, 0);
  expect(bytes(8, 3) - parameters).toBe(4 * 3 * 8 * 2 * (8 * 16 + (2 * 8) / 2));
  expect(bytes(2000, 1) - parameters).toBeGreaterThan(3.5 * (bytes(1000, 1) - parameters));
});

test("both sizes are named, and what to lower", () => {
  expect(() => requireMemory(preset(), "cpu", undefined, 1e5)).toThrow(
    /^big: a step of 64 contexts of 32 tokens takes .* GB or more, and there are 0\.000100 GB; lower train\.batch/,
  );
  expect(() => requireMemory(preset(), "cpu")).not.toThrow();
});

describe("an impossible training is refused, and no directory is made", () => {
  test.each([
    ["batch and context", ["train.batch=65536", "model.context=65536"]],
    ["a context alone", ["model.context=16777216"]],
    ["width and layers", ["model.width=1048576", "model.layers=1024"]],
    [
      "a table",
      ["model.position.kind=shaw", "model.position.window=65536", "model.layers=1024", "model.width=65536"],
    ],
  ])("%s", async (title, changes) => {
    const out = join(folder, title);
    await expect(runTraining(preset(...changes), { out, engine, versions: {} })).rejects.toThrow(
      /GB or more/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    "model.position.window=1000000000000",
    "train.batch=1000000000000",
    "train.steps=1e300",
    "threads=20000",
    "model.position.window=65537",
  ])("%s is refused by the schema", (change) => {
    expect(() => preset("model.position.kind=relative", change)).toThrow(/Too big|expected int/);
  });
});
