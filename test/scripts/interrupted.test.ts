import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readLog } from "../../src/node/run/log.ts";
import { readRunJson } from "../../src/node/run/run-json.ts";
import { LEARNED, modelBytes, type Outcome, type Running, run, sets, start, TINY } from "./run-command.ts";

vi.setConfig({ testTimeout: 180_000 }); // ten processes, three at a time: slow on a busy machine

const STEPS = 60;

/** Long enough to be stopped in the middle, with many saves for a kill to fall into. */
const LONG = [...TINY, ...sets(`train.steps=${STEPS}`, "train.saveEvery=4", "train.evalEvery=40")];

/** Milliseconds in which a kill falls after the first lines: about what the run above then takes. */
const KILL_WITHIN = 600;

let folder: string;
let whole: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "interrupted-"));
  const { code } = await train("whole").outcome;
  expect(code).toBe(0);
  whole = modelBytes(join(folder, "whole"), STEPS);
});
afterAll(() => rmSync(folder, { recursive: true }));

const train = (name: string): Running =>
  start("train", LEARNED, "--out", join(folder, name), "--engine", "wasm", ...LONG);

/** The log without its times. */
const losses = (name: string) =>
  readLog(join(folder, name)).map(({ step, split, loss }) => ({ step, split, loss }));

function expectWholeRun(name: string, { code }: Outcome): void {
  expect(code).toBe(0);
  expect(modelBytes(join(folder, name), STEPS).equals(whole)).toBe(true);
  expect(losses(name)).toEqual(losses("whole"));
  expect(readdirSync(join(folder, name)).filter((file) => file.endsWith(".tmp"))).toEqual([]);
}

test.concurrent("Ctrl-C saves the state and exits with 130; the same command ends at the same bits", async () => {
  const running = train("stopped");
  await running.firstWords;
  running.child.kill("SIGINT");
  const { code, stderr } = await running.outcome;
  expect(code).toBe(130);
  const step = Number(/interrupted at step (\d+), state saved/.exec(stderr)?.[1]);
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(STEPS);
  expect(readRunJson(join(folder, "stopped"))?.status).toBe("interrupted");
  expect(modelBytes(join(folder, "stopped"), step).equals(whole)).toBe(false);
  const rest = await train("stopped").outcome;
  expect(rest.stderr).toMatch(new RegExp(`goes on from step ${step} in `));
  expectWholeRun("stopped", rest);
});

test.concurrent("a run killed at any three instants ends at the same bits", async () => {
  let kills = 0;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const running = train("killed");
    await running.firstWords;
    await pause((Math.random() * KILL_WITHIN) / 3); // the instant is to differ from run to run; every outcome must hold
    running.child.kill("SIGKILL");
    if ((await running.outcome).signal === "SIGKILL") kills += 1;
  }
  expect(kills).toBeGreaterThan(0);
  expectWholeRun("killed", await train("killed").outcome);
});

/** Engines sum in different orders: float32 rounding of about 1e-7 a sum, grown over five updates of Adam. */
const ENGINE_TOLERANCE = 1e-4;

test.concurrent("native, wasm and cpu train to the same losses", async () => {
  const fiveSteps = [...TINY, ...sets("train.steps=5", "train.evalEvery=1", "train.saveEvery=5")];
  const engines = ["cpu", "wasm", "native"];
  const outcomes = await Promise.all(
    engines.map((engine) =>
      run("train", LEARNED, "--out", join(folder, engine), "--engine", engine, ...fiveSteps),
    ),
  );
  const started = engines.filter((_, i) => !/does not start/.test(outcomes[i]?.stderr ?? ""));
  expect(started).toEqual(expect.arrayContaining(["cpu", "wasm"]));
  const [cpu = [], ...others] = started.map(losses);
  expect(cpu.map(({ step }) => step)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  for (const other of others) {
    expect(other.length).toBe(cpu.length);
    other.forEach(({ loss }, i) => {
      const expected = cpu[i]?.loss as number;
      expect(Math.abs((loss as number) - expected)).toBeLessThanOrEqual(ENGINE_TOLERANCE * expected);
    });
  }
});
