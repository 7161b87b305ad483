/** What a sweep plans: presets × data × fields × seeds. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { createModel } from "../../../src/model/model.ts";
import { encodingName } from "../../../src/model/position-fields.ts";
import { trainingJob } from "../../../src/node/jobs/job.ts";
import { sweepHash } from "../../../src/node/jobs/sweep/directory.ts";
import {
  identityOf,
  type PlannedRun,
  planSweep,
  type SweepRequest,
  seedsOf,
} from "../../../src/node/jobs/sweep/plan.ts";
import { countParameters } from "../../../src/tensor/params.ts";
import { plansIn, presetIn } from "./small-plan.ts";

const folder = mkdtempSync(join(tmpdir(), "sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [ROPE, NONE] = [presetIn(folder, "rope"), presetIn(folder, "none")];
const plan = plansIn(folder);

describe("a plan", () => {
  test("is presets × data × fields × seeds, the seeds of a condition one after another", () => {
    const { runs } = plan({ data: ["who", "copy"], grid: ["model.width=32,64"], set: ["train.steps=7"] });
    expect(runs).toHaveLength(16);
    expect(
      runs
        .slice(0, 4)
        .map(({ condition, data, preset: { seed, train } }) => [condition, data, seed, train.steps]),
    ).toEqual([
      ["rope, width=32", "who", 1, 7],
      ["rope, width=32", "who", 2, 7],
      ["rope, width=64", "who", 1, 7],
      ["rope, width=64", "who", 2, 7],
    ]);
    expect(new Set(runs.map(({ preset: { data } }) => JSON.stringify(data))).size).toBe(2);
  });

  test("with sizes of a probe is another sweep, and its jobs ask with them", () => {
    const sized = plan({ sizes: { order: { pairs: 8 } } });
    expect(sweepHash(sized)).not.toBe(sweepHash(plan()));
    expect(sweepHash(plan({ sizes: { order: { pairs: 9 } } }))).not.toBe(sweepHash(sized));
    expect(identityOf(sized).probes).toEqual(['order {"pairs":8}']);
    const [run] = sized.runs;
    const { probes } = trainingJob((run as PlannedRun).preset, sized.probes, { sizes: sized.sizes });
    expect(probes).toEqual([{ name: "order", config: { pairs: 8 } }]);
  });

  test("has one identity, whatever order its words came in, and another where a field differs", () => {
    const turned = planSweep({ presets: [NONE, ROPE], seeds: [2, 1], probes: ["order"] });
    expect(sweepHash(turned)).toBe(sweepHash(plan()));
    expect(sweepHash(plan({ set: ["train.steps=7"] }))).not.toBe(sweepHash(plan()));
    const ofFile = (sha256: string) =>
      sweepHash(plan({ probes: ["order", "mine"], probeFiles: { mine: { path: "mine.ts", sha256 } } }));
    expect(ofFile("a".repeat(64))).not.toBe(ofFile("b".repeat(64))); // the file's bytes, not its name, are asked
    expect(sweepHash(plan({ set: ["engine=cpu"] }))).toBe(sweepHash(plan())); // how it is computed, not what
  });

  test.each<[string, Partial<SweepRequest>, RegExp]>([
    ["a preset twice", { presets: [ROPE, ROPE] }, /rope with seed 1 is planned twice/],
    [
      "data that is not known",
      { data: ["prose"] },
      /--data: prose is not known; known: who, shakespeare, copy/,
    ],
    ["a grid without values", { grid: ["model.width"] }, /--grid: model\.width is not FIELD=VALUE/],
    ["a field that is none", { grid: ["model.widht=1,2"] }, /model\.widht is not a field/],
    [
      "more than fit a disk",
      { grid: [`model.width=${Array.from({ length: 60_000 }, (_, i) => i + 1)}`] },
      /240000 runs are planned/,
    ],
  ])("refuses %s", (_, request, message) => {
    expect(() => plan(request)).toThrow(InputError);
    expect(() => plan(request)).toThrow(message);
  });

  test("has a control where an encoding has more parameters: the reference, as wide as comes nearest", () => {
    const set = ["model.width=16", "model.layers=1"];
    const LEARNED = presetIn(folder, "learned"); // a table of 40 × 16
    const { runs, controls } = plan({ presets: [ROPE, NONE, LEARNED], set, matched: "none" });
    expect(controls).toEqual({ learned: "none-mlp83" }); // 64 + 640/33, a column of the MLP having 33
    const added = runs.filter(({ condition }) => condition === "none-mlp83");
    expect(added.map(({ preset: { seed, model } }) => [seed, model.mlpWidth, encodingName(model)])).toEqual([
      [1, 83, "none"],
      [2, 83, "none"],
    ]);
    const count = (condition: string) => {
      const found = runs.find((run) => run.condition === condition) as PlannedRun;
      return countParameters(createModel(found.preset.model, 30).specs);
    };
    expect(Math.abs(count("none-mlp83") - count("learned"))).toBeLessThanOrEqual(16);
    expect(count("learned") - count("none")).toBe(640);
    expect(plan({ presets: [ROPE, NONE], matched: "none" }).runs).toHaveLength(4); // rope has no more
    const grid = plan({
      presets: [NONE, LEARNED],
      set,
      grid: ["train.batch=8,16"],
      matched: "none, batch=8",
    });
    expect(grid.controls).toEqual({
      "learned, batch=8": "none-mlp83, batch=8",
      "learned, batch=16": "none-mlp83, batch=16",
    });
  });

  test("takes a count of seeds, or seeds", () => {
    expect(seedsOf("3")).toEqual([1, 2, 3]);
    expect(seedsOf("1,4,9")).toEqual([1, 4, 9]);
    for (const wrong of ["0", "x", "1,1", "1,-2", "1.5", ""])
      expect(() => seedsOf(wrong), wrong).toThrow(/--seeds/);
  });
});
