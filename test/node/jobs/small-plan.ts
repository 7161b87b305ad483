/** Plans of two presets and two seeds, for tests of sweeps. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { planSweep, type SweepPlan, type SweepRequest } from "../../../src/node/jobs/sweep/plan.ts";

/** Writes a preset of an encoding into a folder, and says where. */
export function presetIn(folder: string, name: string): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ name, model: { context: 40, position: { kind: name } } }));
  return path;
}

/** Makes plans: rope and none, seeds 1 and 2, unless the request says otherwise. */
export function plansIn(folder: string): (request?: Partial<SweepRequest>) => SweepPlan {
  const presets = ["rope", "none"].map((name) => presetIn(folder, name));
  return (request) => planSweep({ presets, seeds: [1, 2], probes: ["order"], ...request });
}
