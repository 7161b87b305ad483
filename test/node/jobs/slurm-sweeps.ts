/** Sweeps of jobs that a stand-in of Slurm runs. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { ExecutorOptions, JobEvent } from "../../../src/node/jobs/executors/executor.ts";
import { type SlurmOptions, slurmExecutor } from "../../../src/node/jobs/executors/slurm.ts";
import { type Job, trainingJob } from "../../../src/node/jobs/job.ts";
import { tinyPreset } from "../run/tiny-run.ts";
import type { End, FakeSlurm } from "./fake-slurm.ts";

const root = mkdtempSync(join(tmpdir(), "slurm-"));
afterAll(() => rmSync(root, { recursive: true }));

let sweeps = 0;
/** A sweep's folder, and jobs of it. */
export function sweep(count: number) {
  const folder = join(root, `sweep-${++sweeps}`);
  const jobs = Array.from({ length: count }, (_, i) =>
    trainingJob(tinyPreset(`name=run${i}`), ["coverage"], { out: join(folder, `run${i}`) }),
  );
  return { folder, jobs };
}

/** The job is done: what a task leaves, and says. */
export function done(job: Job): End {
  const directory = "out" in job.model ? String(job.model.out) : "";
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "run.json"), "{}");
  const row = { metric: "row_coverage", value: Number(job.name.slice(3)), unit: "ratio", n: 1, at: {} };
  return { outcome: "finished", result: { directory, parameters: 7, measurements: { coverage: [row] } } };
}

/** Runs jobs as one command does, without waiting between looks. */
export async function runIn(
  folder: string,
  jobs: readonly Job[],
  slurm: FakeSlurm,
  options: Partial<SlurmOptions> & ExecutorOptions = {},
) {
  const { signal, ...more } = options;
  const [told, events]: [string[], JobEvent[]] = [[], []];
  let now = 0;
  const executor = slurmExecutor({
    ...{ folder: join(folder, "slurm"), engine: "cpu", threads: 1, detach: false, args: ["--partition=x"] },
    ...{ script: "/p/task.sh", program: "/p/task.mjs", exec: slurm.exec, tell: (text) => told.push(text) },
    ...{ pause: async () => {}, now: () => (now += 1000) },
    ...more,
  });
  const outcomes = await executor.run(jobs, { signal, onEvent: (event) => events.push(event) });
  return { outcomes, told, events, kinds: outcomes.map(({ kind }) => kind) };
}

/** What the record of a submission says. */
export const record = (folder: string, number = 1) =>
  JSON.parse(readFileSync(join(folder, "slurm", String(number), "submission.json"), "utf8"));
