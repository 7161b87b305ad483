/** A run from its preset to its directory, in this process: skipped, stopped, resumed, refused. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StartedEngine } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/errors.ts";
import { acquireLock } from "../../../src/node/files/lock.ts";
import { openStaging } from "../../../src/node/files/staging.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { stepName } from "../../../src/node/run/directory.ts";
import { readLog } from "../../../src/node/run/log.ts";
import { readRunJson } from "../../../src/node/run/run-json.ts";
import { type RunOptions, runTraining } from "../../../src/node/run/training.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { type Preset, parsePreset } from "../../../src/train/preset.ts";

const STEPS = 12;
let folder: string;
let engine: StartedEngine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "training-"));
  engine = await startEngine("cpu");
  await train("whole");
});
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

function presetOf(...changes: string[]): Preset {
  const model = { layers: 1, heads: 2, width: 8, context: 12, position: { kind: "learned" } };
  const sizes = { steps: STEPS, batch: 4, warmup: 2, evalEvery: 4, saveEvery: 4 };
  return parsePreset({ name: "tiny", model, train: sizes }, "tiny.json", changes);
}

const train = (name: string, options: Partial<RunOptions> = {}, preset = presetOf()) =>
  runTraining(preset, { out: at(name), engine, versions: { node: "x" }, ...options });

/** Trains until `step` updates are done. */
async function stoppedAt(name: string, step: number) {
  const controller = new AbortController();
  const onStep: RunOptions["onStep"] = (done) => done.step === step && controller.abort();
  return train(name, { signal: controller.signal, onStep });
}

/** Every file of a step, as text that differs when any byte does. */
const stepFiles = (name: string, step = STEPS) =>
  Object.fromEntries(
    readdirSync(join(at(name), stepName(step))).map((file) => [
      file,
      readFileSync(join(at(name), stepName(step), file)).toString("base64"),
    ]),
  );

/** The log without its times. */
const measured = (name: string) =>
  readLog(at(name)).map(({ step, split, loss, tokens }) => ({ step, split, loss, tokens }));

function expectEqualToWhole(name: string): void {
  expect(stepFiles(name)).toEqual(stepFiles("whole"));
  expect(measured(name)).toEqual(measured("whole"));
  expect(readRunJson(at(name))?.status).toBe("finished");
  expect(readdirSync(at(name)).filter((file) => /\.tmp$|^lock-/.test(file))).toEqual([]);
}

describe("a finished run", () => {
  test("holds a step for each save, a line for each split of each validation, and how it ended", () => {
    expect(readdirSync(at("whole")).sort()).toEqual(["log.jsonl", "run.json", ...[4, 8, 12].map(stepName)]);
    const lines = measured("whole");
    expect(lines.map(({ step, split, tokens }) => [step, split, tokens])).toEqual(
      [4, 8, 12].flatMap((step) => [
        [step, "train", step * 48],
        [step, "validation", step * 48],
      ]),
    );
    expect(readRunJson(at("whole"))).toMatchObject({
      status: "finished",
      config: presetOf(),
      versions: { node: "x" },
    });
  });

  test("is skipped, and no byte of it changes", async () => {
    const before = readFileSync(join(at("whole"), "run.json"));
    const steps: number[] = [];
    const result = await train("whole", { onStart: ({ step }) => void steps.push(step) });
    expect(result).toEqual({ directory: at("whole"), outcome: "skipped", step: STEPS });
    expect(steps).toEqual([]);
    expect(readFileSync(join(at("whole"), "run.json")).equals(before)).toBe(true);
  });

  test("is the same run under another engine or another number of threads", async () => {
    expect((await train("whole", {}, presetOf("engine=wasm", "threads=2"))).outcome).toBe("skipped");
  });
});

describe("an unfinished run", () => {
  test.each([1, 4, 5, 11])("stopped at step %i is saved there, and ends at the same bits", async (step) => {
    const name = `stopped-${step}`;
    expect(await stoppedAt(name, step)).toEqual({ directory: at(name), outcome: "interrupted", step });
    expect(readRunJson(at(name))?.status).toBe("interrupted");
    expect(Object.keys(stepFiles(name, step))).toHaveLength(6);
    const starts: number[] = [];
    const end = await train(name, { onStart: (start) => void starts.push(start.step) });
    expect([starts, end.outcome]).toEqual([[step], "finished"]);
    expectEqualToWhole(name);
  });

  test("stopped again and again ends at the same bits", async () => {
    for (const step of [3, 4, 6, 7]) await stoppedAt("often", step);
    await train("often");
    expectEqualToWhole("often");
  });

  test("that lost its last step and left a half-written one goes on from the step before", async () => {
    await train("torn");
    for (const step of [8, STEPS]) rmSync(join(at("torn"), stepName(step)), { recursive: true });
    const { path } = await openStaging(join(at("torn"), stepName(12)));
    mkdirSync(path);
    writeFileSync(join(path, "model.safetensors"), "half");
    appendFileSync(join(at("torn"), "log.jsonl"), '{"step":13,"split":"tr');
    const starts: number[] = [];
    await train("torn", { onStart: (start) => void starts.push(start.step) });
    expect(starts).toEqual([4]);
    expectEqualToWhole("torn");
  });

  test("keeps its start, counts its seconds on, and leaves no tensor in memory", async () => {
    await stoppedAt("kept", 4);
    const started = readRunJson(at("kept"))?.startedAt;
    const line = { step: 4, split: "train", loss: 1, tokens: 192, seconds: 1000 };
    writeFileSync(join(at("kept"), "log.jsonl"), `${JSON.stringify(line)}\n`);
    const before = tf.memory().numTensors;
    await train("kept");
    expect(readRunJson(at("kept"))?.startedAt).toBe(started);
    expect(readLog(at("kept")).every(({ seconds }) => (seconds as number) >= 1000)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a directory is refused", () => {
  const refused = async (run: Promise<unknown>, message: RegExp) => {
    const error = await run.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
  };

  test("that holds another configuration, and stays as it is", async () => {
    const before = readdirSync(at("whole"));
    const other = train("whole", {}, presetOf("train.learningRate=0.1"));
    await refused(
      other,
      /whole: holds a run of another configuration: train\.learningRate is [\d.]+ there and 0\.1 here; give another --out, or delete it$/,
    );
    expect(readdirSync(at("whole"))).toEqual(before);
  });

  test("that another process writes to, by its name", async () => {
    const lock = await acquireLock(at("whole"));
    await refused(
      train("whole"),
      new RegExp(`whole: is being written by pid ${process.pid} on .* since 2.*; wait or choose`),
    );
    lock.release();
    expect((await train("whole")).outcome).toBe("skipped");
  });

  test("that is a file", async () => {
    writeFileSync(at("file"), "");
    await refused(train("file"), /file: cannot be written \(EEXIST\)/);
    await refused(train("file/below"), /below: cannot be written \(ENOTDIR\)/);
  });
});
