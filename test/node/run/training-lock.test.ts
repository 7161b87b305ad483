/** A run and the lock of its directory: lost, waited for, and the waiting ended by a signal. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type StartedEngine, startEngine } from "../../../src/engine/index.ts";
import { acquireLock } from "../../../src/node/files/lock.ts";
import { type RunOptions, runTraining } from "../../../src/node/run/training.ts";
import { parsePreset } from "../../../src/train/preset.ts";

let folder: string;
let engine: StartedEngine;
beforeAll(async () => {
  engine = await startEngine("cpu");
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "training-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const model = { layers: 1, heads: 2, width: 8, context: 12, position: { kind: "learned" } };
const sizes = { steps: 8, batch: 4, warmup: 2, evalEvery: 4, saveEvery: 4 };
const train = (options: Partial<RunOptions> = {}) =>
  runTraining(parsePreset({ name: "tiny", model, train: sizes }, "tiny.json", []), {
    out: folder,
    engine,
    versions: {},
    ...options,
  });
const filesOf = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.\w+$/.test(name))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]);

test("a run whose lock was taken stops before it writes again", async () => {
  let before: unknown;
  const onStep = ({ step }: { step: number }) => {
    if (step !== 6) return;
    for (const name of readdirSync(folder).filter((file) => file.startsWith("lock-")))
      rmSync(join(folder, name));
    before = filesOf();
  };
  await expect(train({ onStep })).rejects.toThrow(/its lock is gone: .*run the command again/);
  expect(filesOf()).toEqual(before);
  expect(await train()).toMatchObject({ outcome: "finished", step: 8 });
});

test("a run waits for another one where it is told to, and finds it finished", async () => {
  const told: string[] = [];
  const lock = await acquireLock(folder);
  const onWait = (text: string) => {
    told.push(text);
    lock.release();
  };
  expect(await train({ onWait })).toMatchObject({ outcome: "finished", step: 8 });
  expect(told).toEqual([expect.stringContaining(`${folder}: waiting for pid ${process.pid} on `)]);
});

test("a signal ends the waiting as it would end the run", async () => {
  const lock = await acquireLock(folder);
  const controller = new AbortController();
  const result = train({ onWait: () => controller.abort(), signal: controller.signal });
  expect(await result).toEqual({ directory: folder, outcome: "interrupted", step: 0 });
  lock.release();
});
