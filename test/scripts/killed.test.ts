/**
 * Training killed at random instants: each kill leaves directories that can be read, and the run that is resumed until it is finished
 * ends at the bits of one that was never stopped.
 *
 * Eight kills by default, on the engine that starts fastest; WHEREABOUTS_KILLS=50 and WHEREABOUTS_ENGINE=native are the long version.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine } from "../../src/engine/index.ts";
import { loadCheckpoint } from "../../src/run/checkpoint.ts";
import { listSteps, stepName } from "../../src/run/directory.ts";
import { readLog } from "../../src/run/log.ts";
import { readRunJson } from "../../src/run/run-json.ts";
import { readSafetensors } from "../../src/run/safetensors-file.ts";
import { tf } from "../../src/tensor/tf.ts";
import { LEARNED, type Running, sets, start, TINY } from "./run-command.ts";

const KILLS = Number(process.env.WHEREABOUTS_KILLS ?? 8);
const ENGINE = process.env.WHEREABOUTS_ENGINE ?? "cpu";
const STEPS = 40;
/** A save every other step: most of the time of the run is spent where a kill may tear something. */
const ARGUMENTS = [
  ...TINY,
  ...sets(`train.steps=${STEPS}`, "train.saveEvery=2", "train.evalEvery=2", "model.context=12"),
];

let folder: string;
/** Milliseconds that a run takes from its process's start to its end, and to its first save. */
let whole: number;
let toFirstSave: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "killed-runs-"));
  await startEngine("cpu");
  const began = performance.now();
  const running = train("whole");
  await running.firstWords;
  toFirstSave = performance.now() - began;
  expect((await running.outcome).code).toBe(0);
  whole = performance.now() - began;
});
afterAll(() => rmSync(folder, { recursive: true }));

const train = (name: string): Running =>
  start("train", LEARNED, "--out", join(folder, name), "--engine", ENGINE, ...ARGUMENTS);

const bytes = (name: string, step: number, file: string) =>
  readFileSync(join(folder, name, stepName(step), file));

/** What every kill must leave: steps that load whole, a log that reads, and a run.json, once there is one. */
async function expectReadable(name: string): Promise<void> {
  if (!existsSync(join(folder, name))) return; // killed before it made its folder
  const steps = listSteps(join(folder, name));
  const folders = readdirSync(join(folder, name)).filter((file) => /^step-\d+$/.test(file));
  expect(folders.length).toBe(steps.length);
  for (const { step, path } of steps.slice(-2)) {
    const { params } = await loadCheckpoint(path);
    tf.dispose(Object.values(params));
    await readSafetensors(join(path, "state.safetensors"));
    expect(bytes(name, step, "model.safetensors").equals(bytes("whole", step, "model.safetensors"))).toBe(
      true,
    );
    expect(JSON.parse(bytes(name, step, "state.json").toString())).toEqual({ step });
  }
  const logged = new Set(readLog(join(folder, name)).map(({ step }) => step));
  expect(steps.every(({ step }) => logged.has(step))).toBe(true); // a step is saved after its lines
  expect(["running", undefined]).toContain(readRunJson(join(folder, name))?.status);
}

test(
  `a run killed ${KILLS} times, at any instant from its start, ends at the same bits`,
  async () => {
    let killed = 0;
    while (killed < KILLS) {
      const running = train("killed");
      // One in four falls anywhere in the start; the others between the first save and a quarter of the run after it.
      const wait = Math.random() * (killed % 4 === 0 ? toFirstSave : (whole - toFirstSave) / 4);
      if (killed % 4 !== 0) await running.firstWords;
      await pause(wait); // the instant is to differ from run to run; every outcome must hold
      running.child.kill("SIGKILL");
      const { signal, code, stderr } = await running.outcome;
      if (signal !== "SIGKILL") {
        expect(code, stderr).toBe(0);
        rmSync(join(folder, "killed"), { recursive: true }); // it was faster: begin again
        continue;
      }
      killed += 1;
      await expectReadable("killed");
    }
    const { code, stderr } = await train("killed").outcome;
    expect(code, stderr).toBe(0);
    for (const file of [
      "model.safetensors",
      "state.safetensors",
      "config.json",
      "tokenizer.json",
      "state.json",
    ]) {
      expect(bytes("killed", STEPS, file).equals(bytes("whole", STEPS, file)), file).toBe(true);
    }
    const losses = (name: string) =>
      readLog(join(folder, name)).map(({ step, split, loss }) => ({ step, split, loss }));
    expect(losses("killed")).toEqual(losses("whole"));
    expect(readRunJson(join(folder, "killed"))?.status).toBe("finished");
    expect(
      readdirSync(join(folder, "killed")).filter((file) => file.startsWith("step-") && file.endsWith(".tmp")),
    ).toEqual([]);
  },
  KILLS * 30_000,
);
