/**
 * What stops a run that is not its end: a loss that is no number, a full disk, steps of another
 * run. The last good step stays.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { StartedEngine } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/errors.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { latestStep, stepName } from "../../../src/node/run/directory.ts";
import { readLog } from "../../../src/node/run/log.ts";
import { readRunJson } from "../../../src/node/run/run-json.ts";
import { readSafetensors } from "../../../src/node/run/safetensors-file.ts";
import { runTraining } from "../../../src/node/run/training.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { DivergedError } from "../../../src/train/loop.ts";
import { parsePreset } from "../../../src/train/preset.ts";

let folder: string;
let engine: StartedEngine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "faults-"));
  engine = await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

function presetOf(...changes: string[]) {
  const model = { layers: 1, heads: 2, width: 8, context: 12, position: { kind: "learned" } };
  const sizes = { steps: 12, batch: 4, warmup: 2, evalEvery: 4, saveEvery: 4 };
  return parsePreset({ name: "tiny", model, train: sizes }, "tiny.json", changes);
}

const train = (name: string, ...changes: string[]) =>
  runTraining(presetOf(...changes), { out: at(name), engine, versions: { node: "x" } });

const leftOver = (name: string) => readdirSync(at(name)).filter((file) => /\.tmp$|^lock-/.test(file));

describe("a run that diverges", () => {
  const wild = ["train.learningRate=1e6", "train.warmup=0", "train.steps=60"];

  test.each([1, 5])(
    "saved each %i steps, says at which step, and all that it saved is finite",
    async (every) => {
      const name = `wild-${every}`;
      const changes = [...wild, `train.saveEvery=${every}`, "train.evalEvery=60"];
      const tensors = tf.memory().numTensors;
      const error = await train(name, ...changes).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DivergedError);
      expect((error as Error).message).toMatch(
        / at step \d+; lower train\.learningRate, or raise train\.warmup$/,
      );
      expect(tf.memory().numTensors).toBe(tensors);
      expect(readRunJson(at(name))?.status).toBe("failed");
      expect(leftOver(name)).toEqual([]);
      for (const step of readdirSync(at(name)).filter((file) => file.startsWith("step-"))) {
        const model = await readSafetensors(join(at(name), step, "model.safetensors"));
        for (const { data } of Object.values(model.tensors)) expect(data.every(Number.isFinite)).toBe(true);
      }
      // It breaks at the same step again, from what it saved.
      await expect(train(name, ...changes)).rejects.toThrow((error as Error).message);
      expect(readLog(at(name)).length).toBeLessThanOrEqual(120);
    },
  );
});

describe("a full disk", () => {
  const { open } = promises;
  afterEach(() => fill());

  /** Makes writing of files under a folder of this name fail as a full disk does; without a name, no more. */
  function fill(name?: string): void {
    promises.open = async (...given: Parameters<typeof open>): Promise<FileHandle> => {
      const handle = await open(...given);
      if (name !== undefined && String(given[0]).includes(name)) {
        handle.write = () =>
          Promise.reject(Object.assign(new Error("ENOSPC: made up"), { code: "ENOSPC", syscall: "write" }));
      }
      return handle;
    };
    if (name === undefined) promises.open = open;
    syncBuiltinESMExports();
  }

  test("stops the run in words, leaves the last good step whole, and once there is space the run goes on to the same bits", async () => {
    await train("whole");
    fill(join("full", stepName(8)));
    const error = await train("full").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/step-000008: no space left to write \(ENOSPC\); free some/);
    expect(readRunJson(at("full"))?.status).toBe("failed");
    expect(leftOver("full")).toEqual([]);
    expect(latestStep(at("full"))?.step).toBe(4);
    tf.dispose(Object.values((await loadCheckpoint(at("full"))).params));
    fill();
    expect((await train("full")).outcome).toBe("finished");
    const bytes = (name: string) => readFileSync(join(at(name), stepName(12), "model.safetensors"));
    expect(bytes("full").equals(bytes("whole"))).toBe(true);
  });

  test("that refuses run.json as well is told by its first error", async () => {
    const run = runTraining(presetOf(), {
      out: at("fuller"),
      engine,
      versions: {},
      onStart: () => fill("fuller"),
    });
    await expect(run).rejects.toThrow(/step-000004: no space left/);
    expect(readRunJson(at("fuller"))?.status).toBe("running");
  });
});

describe("steps without a run.json", () => {
  test("that were trained by another preset are refused, whatever their sizes", async () => {
    await train("swapped", "train.steps=4");
    rmSync(join(at("swapped"), "run.json"));
    await expect(train("swapped", "train.steps=8")).rejects.toThrow(/holds a run of another configuration/);
    expect(readdirSync(at("swapped")).sort()).toEqual(["log.jsonl", stepName(4)]);
  });

  test("that were trained by the same preset are gone on from", async () => {
    await train("moved");
    for (const file of ["run.json", stepName(12), stepName(8)])
      rmSync(join(at("moved"), file), { recursive: true });
    expect(await train("moved")).toMatchObject({ outcome: "finished", step: 12 });
  });

  test("that are no model of ours are refused", async () => {
    await train("foreign", "train.steps=4");
    rmSync(join(at("foreign"), "run.json"));
    writeFileSync(join(at("foreign"), stepName(4), "config.json"), '{"model_type":"gpt2"}');
    await expect(train("foreign", "train.steps=4")).rejects.toThrow(/is not a model of whereabouts/);
  });
});
