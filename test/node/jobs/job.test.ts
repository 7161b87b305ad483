/** Jobs as data, and what one does with them: the whole job in this process. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/errors.ts";
import type { WorkEvent } from "../../../src/node/jobs/events.ts";
import { type Job, readJob, trainingJob } from "../../../src/node/jobs/job.ts";
import { runJob } from "../../../src/node/jobs/run-job.ts";
import { readMeasurements, saveMeasurements } from "../../../src/node/run/measurements.ts";
import { parsePreset } from "../../../src/train/preset.ts";
import { type TinyRuns, tinyPreset, tinyRuns } from "../run/tiny-run.ts";

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
});
afterAll(() => runs.remove());

/** Runs a job and says which probes were asked, and which had been. */
async function asked(job: Job) {
  const engine = await startEngine("cpu");
  const probes: Record<string, boolean> = {};
  const onEvent = (event: WorkEvent) => {
    if (event.kind === "probe") probes[event.probe] = event.saved;
  };
  const result = await runJob(job, { engine, onEvent });
  return { probes, result };
}

const coverage = (name: string, ...changes: string[]) =>
  trainingJob(tinyPreset(...changes), ["coverage"], { out: runs.at(name) });

describe("a job is plain data", () => {
  test("that JSON gives back, with the preset it names", () => {
    const preset = tinyPreset("train.learningRate=0.0012345678901234567");
    const job = trainingJob(preset, ["order", "coverage"], { out: "runs/tiny" });
    const back = readJob(JSON.parse(JSON.stringify(job)), "job");
    expect(back).toEqual(job);
    expect(parsePreset("preset" in back.model ? back.model.preset : {}, "job")).toEqual(preset);
  });

  test("the file of a probe of one's own is found from any folder, with the bytes that are meant", () => {
    const probeFiles = { mine: { path: "probes/mine.ts", sha256: "ab" } };
    const job = trainingJob(tinyPreset(), ["order", "mine"], { probeFiles });
    const file = { path: resolve("probes/mine.ts"), sha256: "ab" };
    expect(job.probes).toEqual([{ name: "order" }, { name: "mine", file }]);
    expect(readJob(JSON.parse(JSON.stringify(job)), "job")).toEqual(job);
  });

  test.each<[string, object, RegExp]>([
    ["without a model", { model: {} }, /^job: model/],
    ["with a field that is none", { worker: 1 }, /^job: worker is not a field; known here: name, model/],
    ["with a model that is both", { model: { preset: {}, checkpoint: "x" } }, /^job: model/],
    ["without a seed", { seed: undefined }, /^job: seed/],
  ])("%s it is refused by the field", (_, change, message) => {
    const job = { name: "a", model: { checkpoint: "b" }, probes: [], seed: 1 };
    expect(readJob(job, "job")).toEqual(job);
    expect(() => readJob({ ...job, ...change }, "job")).toThrow(message);
  });

  test("a probe that there is not is refused before training", async () => {
    const job = trainingJob(tinyPreset(), ["ordr"], { out: runs.at("none") });
    await expect(asked(job)).rejects.toThrow(/unknown probe "ordr"; known: order/);
    expect(existsSync(runs.at("none"))).toBe(false);
  });
});

describe("a probe's answer is kept with what was asked", () => {
  beforeAll(async () => {
    const { probes, result } = await asked(coverage("kept"));
    expect(probes).toEqual({ coverage: false });
    expect(result?.measurements.coverage?.length).toBeGreaterThan(0);
  });

  test("what is saved under probes/ equals what is returned; the same question is not asked again", async () => {
    const before = readFileSync(runs.at("kept", "probes", "coverage.json"), "utf8");
    const { probes, result } = await asked(coverage("kept"));
    expect(probes).toEqual({ coverage: true });
    expect(result?.measurements.coverage).toEqual(JSON.parse(before));
    expect(readMeasurements(runs.at("kept"), "coverage")).toEqual(JSON.parse(before));
  });

  test("a checkpoint that is taken answers from what its training job saved", async () => {
    const job = { name: "taken", model: { checkpoint: runs.at("kept") }, probes: [{ name: "coverage" }] };
    expect((await asked({ ...job, seed: 1 })).probes).toEqual({ coverage: true });
    expect((await asked({ ...job, seed: 2 })).probes).toEqual({ coverage: false }); // other draws
    expect((await asked({ ...job, seed: 1 })).probes).toEqual({ coverage: true }); // other draws are kept beside it
    expect((await asked({ ...job, seed: 2 })).probes).toEqual({ coverage: true });
  });

  test("other sizes, other rows and other weights are asked anew", async () => {
    const job = coverage("changed");
    await asked(job);
    const sized = { ...job, probes: [{ name: "coverage", config: { batches: 2 } }] };
    expect((await asked(sized)).probes).toEqual({ coverage: false });
    expect((await asked(sized)).probes).toEqual({ coverage: true });
    const path = runs.at("changed", "probes", "coverage.json");
    const rows = readFileSync(path, "utf8");
    writeFileSync(path, rows.replace(/"value": [\d.]+/, '"value": 0.123')); // by hand
    expect((await asked(job)).probes).toEqual({ coverage: false });
    expect((await asked(sized)).probes).toEqual({ coverage: true }); // beside it
    expect(readFileSync(path, "utf8")).toBe(rows);
    const longer = coverage("longer", "train.steps=16");
    await asked(longer);
    writeFileSync(runs.at("longer", "probes", "coverage.json"), rows);
    mkdirSync(runs.at("longer", "probes", "asked"), { recursive: true });
    const kept = readFileSync(runs.at("changed", "probes", "asked", "coverage.json"));
    writeFileSync(runs.at("longer", "probes", "asked", "coverage.json"), kept); // another run's
    expect((await asked(longer)).probes).toEqual({ coverage: false });
  });

  test("rows of before, which say nothing of what was asked, are read, and asked anew", async () => {
    await runs.train("before");
    const row = { metric: "row_coverage", value: null, unit: "ratio", n: 1, at: { parameter: "wpe.weight" } };
    await saveMeasurements(runs.at("before"), "coverage", [row]);
    expect(existsSync(runs.at("before", "probes", "asked"))).toBe(false);
    expect(readMeasurements(runs.at("before"), "coverage")).toEqual([row]);
    expect((await asked(coverage("before"))).probes).toEqual({ coverage: false });
    expect((await asked(coverage("before"))).probes).toEqual({ coverage: true });
  });

  test("a file that no probe wrote is neither read as rows nor replaced", async () => {
    await runs.train("theirs");
    mkdirSync(runs.at("theirs", "probes"));
    writeFileSync(runs.at("theirs", "probes", "coverage.json"), '{"mine":1}');
    await expect(asked(coverage("theirs"))).rejects.toThrow(InputError);
    expect(() => readMeasurements(runs.at("theirs"), "coverage")).toThrow(/holds no measurements; move it/);
    expect(readFileSync(runs.at("theirs", "probes", "coverage.json"), "utf8")).toBe('{"mine":1}');
  });
});
