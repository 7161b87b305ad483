/** `bench --sweep`, but for the sweeps themselves: CI has no PyTorch. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireSweepPeer } from "../../scripts/bench/peer-preset.ts";
import { halvesOf, type SweepRow } from "../../scripts/bench/sweep.ts";
import { sweepSummary, sweepTable } from "../../scripts/bench/sweep-table.ts";
import { resultLines } from "../../scripts/bench/training.ts";
import { trainingWindows, validationWindows, writeSameStart } from "../../scripts/bench/training-files.ts";
import { openData } from "../../src/node/run/data.ts";
import { readPreset } from "../../src/node/run/preset.ts";
import { runInside } from "./run-inside.ts";

const preset = (name: string, ...changes: string[]) =>
  readPreset(join(import.meta.dirname, `../../models/${name}.json`), changes);

const row = (round: number, engine: string, processes: number, seconds: number, cpuSeconds?: number) => ({
  ...{ round, engine, processes, seconds, cpuSeconds, runs: 12, runsPerHour: 43_200 / seconds, meanNats: 1 },
});

test("rounds come to the medians of their ratios, PyTorch's faster way of each round counting", () => {
  const round = (n: number, one: number, two: number, eager: number, compiled: number): SweepRow[] => [
    ...[row(n, "native", 1, one, one), row(n, "native", 2, two, one)],
    row(n, "native, probes order", 2, 9 * two, one),
    ...[row(n, "pytorch", 2, eager, 2 * eager), row(n, "pytorch, torch.compile", 2, compiled, 3 * compiled)],
  ];
  const rows = [...round(1, 20, 10, 20, 30), ...round(2, 18, 10, 40, 25), ...round(3, 30, 10, 12.5, 50)];
  // of 20/10, 18/10, 30/10; of 10/20, 10/25, 10/12.5; of 20/40, 18/75, 30/25
  expect(sweepSummary(rows)).toEqual({ twoOverOne: 2, wallRatio: 0.5, cpuRatio: 0.5 });
  expect(sweepTable(rows).split("\n").slice(-3)).toEqual([
    "two processes do 2.00 times the runs an hour of one",
    "time, native / PyTorch's best: 0.50",
    "of processors, native / PyTorch's best: 0.50",
  ]);
});

test("without a peer, or without what the system tells of processors, those ratios are left out", () => {
  expect(sweepSummary([row(1, "native", 1, 19), row(1, "native", 2, 10)])).toEqual({ twoOverOne: 1.9 });
  const rows = [row(1, "native", 1, 19), row(1, "native", 2, 10), row(1, "pytorch", 2, 20)];
  expect(sweepSummary(rows)).toEqual({ twoOverOne: 1.9, wallRatio: 0.5 });
});

test("each of PyTorch's processes gets neighbours: they compile half of the presets each", () => {
  expect(halvesOf([..."aaabbbccc"])).toEqual([[..."aaabb"], [..."bccc"]]);
  expect(halvesOf(["a"])).toEqual([["a"]]);
});

test("PyTorch's script is one for the presets of the bench, and says what it has not", () => {
  for (const name of ["none", "sinusoidal", "learned", "relative"])
    expect(() => requireSweepPeer(preset(name)), name).not.toThrow();
  expect(() => requireSweepPeer(preset("rope"))).toThrow('--sweep: model.position.kind is "rope"');
  expect(() => requireSweepPeer(preset("relative", "model.position.window=4"))).toThrow(
    "--sweep: model.position is",
  );
});

test("PyTorch is given our batches, and refused data whose targets do not all count", async () => {
  const small = ["model.context=8", "model.width=8", "train.batch=3", "train.steps=2", "seed=4"];
  const folder = mkdtempSync(join(tmpdir(), "sweep-files-"));
  try {
    const who = preset("none", ...small);
    const data = await openData(who.data, who.seed);
    const { batches = "", validation, train } = writeSameStart(folder, who, data);
    expect(train).toBeUndefined();
    const numbers = (path: string) => [...new Int32Array(Uint8Array.from(readFileSync(path)).buffer)];
    expect(numbers(batches)).toEqual([...trainingWindows(data, who)]);
    expect(numbers(validation)).toEqual([...validationWindows(data, who)]);
    const first = data.batch(0, 3, 8);
    expect(numbers(batches).slice(0, 9)).toEqual([...first.tokens.slice(0, 8), first.targets[7]]);
    const copy = preset("none", ...small, 'data={"kind":"task","task":"copy"}', "model.context=18");
    const tasks = await openData(copy.data, copy.seed);
    expect(() => writeSameStart(folder, copy, tasks)).toThrow(
      "--sweep: the data has targets that do not count",
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("of what PyTorch's script prints, the lines of runs are read", () => {
  expect(resultLines('W: a warning\n{"seed": 1, "steps": 2}\n\n{"seed": 2, "steps": 2}\n')).toHaveLength(2);
});

test.each([
  [["--sweep", "--encodings", "ropes"], /ropes\.json/],
  [["--sweep", "--encodings", "rope", "--peer", "pytorch"], /--sweep: model\.position\.kind is "rope"/],
  [["--sweep", "--only", "orders"], /unknown probe "orders"/],
])("bench %s is bad input", async (args, message) => {
  const { code, stderr } = await runInside("bench", ...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
