/** A text whose folder also holds the runs that are trained on it, as with data.path=. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine } from "../../../src/engine/index.ts";
import { splitParts } from "../../../src/node/run/text/parts.ts";
import { runTraining } from "../../../src/node/run/training.ts";
import { parsePreset } from "../../../src/train/preset.ts";
import { startTestEngine } from "../../engine-for-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "beside-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  await startTestEngine();
});

test("a run in the folder of its own text trains, is found finished, and is no part of the text", async () => {
  const text = join(folder, "text");
  mkdirSync(text);
  writeFileSync(join(text, "a.txt"), "the dog bites the man\n".repeat(100));
  const before = await splitParts(text);
  const tiny = { layers: 1, width: 16, context: 8, position: { kind: "none" } };
  const train = { steps: 2, batch: 2, evalBatches: 1 };
  const preset = parsePreset({ name: "x", model: tiny, data: { kind: "text", path: text }, train }, "x.json");
  const engine = await startEngine("cpu");
  const options = {
    out: join(text, "checkpoints", "run"),
    engine,
    versions: {},
    cache: join(folder, "cache"),
  };
  expect((await runTraining(preset, options)).outcome).toBe("finished");
  expect((await runTraining(preset, options)).outcome).toBe("skipped");
  expect(await splitParts(text)).toEqual(before);
  mkdirSync(join(text, "other"));
  writeFileSync(join(text, "other", "run.json"), '{"said": "the user"}');
  expect(JSON.stringify(await splitParts(text))).toContain("run.json"); // not a run of ours
});
