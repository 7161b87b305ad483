/** What a worker compiles: a preset's first seed all of its graphs, the second none. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Compiler } from "../../../src/engine/compiler.ts";
import { currentEngine, type StartedEngine } from "../../../src/engine/engine.ts";
import { trainingJob } from "../../../src/node/jobs/job.ts";
import { runJob } from "../../../src/node/jobs/run-job.ts";
import { describeNative, openGraphs } from "../native/graph/native.ts";
import { tinyPreset } from "../run/tiny-run.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "second-seed-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const PROBES = [
  { name: "order", config: { examples: 8, shuffledContexts: 4, permutations: 2 } },
  { name: "length", config: { factor: 2, contexts: 2 } },
  { name: "exact", config: { problems: 2, factors: [1, 2] } },
];

describeNative("a worker", () => {
  test("compiles training, validation and probes for the first seed of a preset alone", async () => {
    const engine = currentEngine() as StartedEngine;
    const compiler = engine.compiler as Compiler;
    const made = [vi.spyOn(compiler, "graph"), vi.spyOn(compiler, "stateGraph")];
    const compiled = async (...changes: string[]) => {
      const before = made.map(({ mock }) => mock.calls.length);
      const preset = tinyPreset("model.position.kind=rope", ...changes);
      const job = { ...trainingJob(preset, [], { out: join(folder, changes.join()) }), probes: PROBES };
      const result = await runJob(job, { engine });
      expect(Object.values(result?.measurements ?? {}).every((rows) => rows.length > 0)).toBe(true);
      return made.map(({ mock }, i) => mock.calls.length - (before[i] as number));
    };
    const [graphs, steps] = await compiled("seed=1");
    expect(graphs).toBeGreaterThan(3); // validation and three probes
    expect(steps).toBe(1);
    const open = openGraphs();
    expect(await compiled("seed=2")).toEqual([0, 0]);
    expect(await compiled("seed=3", "train.learningRate=1e-4")).toEqual([0, 0]);
    expect(openGraphs()).toBe(open);
  }, 120_000);
});
