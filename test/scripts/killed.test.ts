/**
 * Training killed at random instants: each kill leaves directories that can be read, and the run
 * that is resumed until it is finished ends at the bits of one that was never stopped.
 *
 * Eight kills by default, on the engine that starts fastest; WHEREABOUTS_KILLS=50 and
 * WHEREABOUTS_ENGINE=native are the long version.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SUMS_FILE } from "../../src/node/files/sums.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../src/node/run/checkpoint.ts";
import { listSteps, STEP_FILES, stepName } from "../../src/node/run/directory.ts";
import { readLog } from "../../src/node/run/log.ts";
import { readRunJson } from "../../src/node/run/run-json.ts";
import { readSafetensors } from "../../src/node/run/safetensors-file.ts";
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

const train = (name: string, ...more: string[]): Running =>
  start("train", LEARNED, "--out", join(folder, name), "--engine", ENGINE, ...ARGUMENTS, ...more);

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

/** Kills a run at any instant from its start, again and again, and lets it end. */
async function killedRun(name: string, kills: number, ...more: string[]): Promise<void> {
  let killed = 0;
  while (killed < kills) {
    const running = train(name, ...more);
    // One in four falls anywhere in the start; the others between the first save and a quarter of
    // the run after it.
    const wait = Math.random() * (killed % 4 === 0 ? toFirstSave : (whole - toFirstSave) / 4);
    if (killed % 4 !== 0) await running.firstWords;
    await pause(wait); // the instant is to differ from run to run; every outcome must hold
    running.child.kill("SIGKILL");
    const { signal, code, stderr } = await running.outcome;
    if (signal !== "SIGKILL") {
      expect(code, stderr).toBe(0);
      rmSync(join(folder, name), { recursive: true }); // it was faster: begin again
      continue;
    }
    killed += 1;
    await expectReadable(name);
  }
  const { code, stderr } = await train(name, ...more).outcome;
  expect(code, stderr).toBe(0);
  expect(readRunJson(join(folder, name))?.status).toBe("finished");
  const losses = (of: string) =>
    readLog(join(folder, of)).map(({ step, split, loss }) => ({ step, split, loss }));
  expect(losses(name)).toEqual(losses("whole"));
  const staged = readdirSync(join(folder, name)).filter((file) => file.endsWith(".tmp"));
  expect(staged.filter((file) => file.startsWith("step-"))).toEqual([]);
}

test(
  `a run killed ${KILLS} times, at any instant from its start, ends at the same bits`,
  async () => {
    await killedRun("killed", KILLS);
    for (const file of [...STEP_FILES, SUMS_FILE])
      expect(bytes("killed", STEPS, file).equals(bytes("whole", STEPS, file)), file).toBe(true);
  },
  KILLS * 30_000,
);

test(
  `so does one that keeps its last step alone, killed ${KILLS / 2} times: a step goes when the next is whole`,
  async () => {
    await killedRun("pruned", KILLS / 2, ...sets("train.keep=last"));
    for (const file of ["model.safetensors", "state.safetensors"])
      expect(bytes("pruned", STEPS, file).equals(bytes("whole", STEPS, file)), file).toBe(true);
    expect(listSteps(join(folder, "pruned")).map(({ step }) => step)).toEqual([STEPS]);
  },
  KILLS * 30_000,
);
