/** The executor of a cluster: what is submitted, once, and what becomes of its tasks. Slurm is a stand-in. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { acquireLock } from "../../../src/node/files/lock.ts";
import type { ExecutorOptions, JobEvent, JobOutcome } from "../../../src/node/jobs/executors/executor.ts";
import { type SlurmOptions, slurmExecutor } from "../../../src/node/jobs/executors/slurm.ts";
import { type Job, trainingJob } from "../../../src/node/jobs/job.ts";
import { tinyPreset } from "../run/tiny-run.ts";
import { type End, type FakeSlurm, fakeSlurm, programsOf } from "./fake-slurm.ts";

const root = mkdtempSync(join(tmpdir(), "slurm-"));
afterAll(() => rmSync(root, { recursive: true }));

let sweeps = 0;
/** A sweep's folder, and jobs of it. */
function sweep(count: number) {
  const folder = join(root, `sweep-${++sweeps}`);
  const jobs = Array.from({ length: count }, (_, i) =>
    trainingJob(tinyPreset(`name=run${i}`), ["coverage"], { out: join(folder, `run${i}`) }),
  );
  return { folder, jobs };
}

function done(job: Job): End {
  const directory = "out" in job.model ? String(job.model.out) : "";
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "run.json"), "{}");
  const row = { metric: "row_coverage", value: Number(job.name.slice(3)), unit: "ratio", n: 1, at: {} };
  return { outcome: "finished", result: { directory, parameters: 7, measurements: { coverage: [row] } } };
}

async function runIn(
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

const record = (folder: string, number = 1) =>
  JSON.parse(readFileSync(join(folder, "slurm", String(number), "submission.json"), "utf8"));
const errorOf = (outcome: JobOutcome | undefined) => (outcome?.kind === "failed" ? outcome.error : undefined);

test("one array of contiguous tasks, capped; outcomes in the order of the jobs; done jobs are not submitted again", async () => {
  const { folder, jobs } = sweep(3);
  const slurm = fakeSlurm(done);
  const { kinds, outcomes, events } = await runIn(folder, jobs, slurm, { atOnce: 2 });
  expect(kinds).toEqual(["done", "done", "done"]);
  expect(outcomes[2]).toMatchObject({ result: { measurements: { coverage: [{ value: 2 }] } } });
  expect(events.filter(({ job }) => job === 1).map(({ kind }) => kind)).toEqual(["trained", "done"]);
  const [submitted] = slurm.said.filter((line) => line.startsWith("sbatch"));
  expect(submitted).toMatch(
    /--parsable --cpus-per-task=1 --partition=x --array=0-2%2 .*%A_%a\.log --open-mode=append --requeue \/p\/task\.sh/,
  );
  expect(record(folder)).toMatchObject({ array: "100", status: "ended" });
  const again = await runIn(folder, jobs, slurm);
  expect(again.kinds).toEqual(["done", "done", "done"]);
  expect(slurm.arrays).toHaveLength(1);
  rmSync(join(folder, "run1"), { recursive: true }); // to be trained anew
  expect((await runIn(folder, jobs, slurm)).kinds).toEqual(["done", "done", "done"]);
  expect(slurm.arrays.map(({ jobs: those }) => those.map(({ name }) => name))).toEqual([
    ["run0", "run1", "run2"],
    ["run1"],
  ]);
});

test("a killed task is requeued, thrice at most; one that Slurm does not start again has failed", async () => {
  const { folder, jobs } = sweep(3);
  const killed = { state: "FAILED", status: 9, reason: "JobLaunchFailure" };
  const slurm = fakeSlurm((job, start) => (job.name === "run1" || start < 2 ? killed : done(job)));
  const { kinds, outcomes } = await runIn(folder, jobs, slurm, { now: sparse() });
  expect(kinds).toEqual(["done", "failed", "done"]);
  expect(errorOf(outcomes[1])?.message).toMatch(
    /task 100_1 was killed by signal 9, after 3 restarts.*100_1\.log/,
  );
  expect(slurm.said.filter((line) => line === "scontrol requeue 100_1")).toHaveLength(3);
  expect(slurm.arrays).toHaveLength(1);
});

/** Looks that are minutes apart: what Slurm was told has come through. */
function sparse() {
  let now = 0;
  return () => (now += 100_000);
}

test("what a task says of its failure is the outcome, as input or as a fault; the next call tries it again", async () => {
  const { folder, jobs } = sweep(2);
  const slurm = fakeSlurm((job) => ({ failed: `no memory for ${job.name}`, isInput: job.name === "run0" }));
  const { outcomes } = await runIn(folder, jobs, slurm);
  expect(outcomes.map((outcome) => errorOf(outcome) instanceof InputError)).toEqual([true, false]);
  expect(errorOf(outcomes[1])?.message).toMatch(/^no memory for run1 \(.*slurm\/1\/log\/100_1\.log\)$/);
  await runIn(folder, jobs.slice(1), slurm);
  expect(slurm.arrays).toHaveLength(2);
});

test("detached it leaves after one look, and the same call collects; aborted it leaves the tasks too", async () => {
  const { folder, jobs } = sweep(2);
  const slurm = fakeSlurm(done);
  const left = await runIn(folder, jobs, slurm, { detach: true });
  expect(left.kinds).toEqual(["interrupted", "interrupted"]);
  expect(left.told.join("\n")).toMatch(
    /submitted array 100 of 2 tasks[\s\S]*100 goes on without .* 2 running/,
  );
  const aborted = await runIn(folder, jobs.slice(1), fakeSlurm(done), {
    signal: AbortSignal.abort(),
    exec: slurm.exec,
  });
  expect(aborted.kinds).toEqual(["done"]); // it had ended meanwhile
  expect((await runIn(folder, jobs, slurm, { detach: true })).kinds).toEqual(["done", "done"]);
  expect(slurm.arrays).toHaveLength(1);
  expect(programsOf(slurm.said)).toEqual(["scontrol show", "sbatch --parsable"]); // nothing was cancelled
});

test("a coordinator that died before it heard of its array finds it by name; one that never was is submitted", async () => {
  const { folder, jobs } = sweep(2);
  const slurm = fakeSlurm(done);
  await runIn(folder, jobs, slurm, { detach: true });
  const { name } = record(folder);
  const path = join(folder, "slurm", "1", "submission.json");
  writeFileSync(path, JSON.stringify({ name, status: "submitting" }));
  expect((await runIn(folder, jobs, slurm)).kinds).toEqual(["done", "done"]);
  expect(slurm.arrays).toHaveLength(1);
  expect(record(folder)).toEqual({ name, array: "100", status: "ended" });

  const other = sweep(1);
  const none = fakeSlurm(done);
  await expect(
    runIn(other.folder, other.jobs, none, {
      exec: async () => ({ code: 1, output: "invalid partition", signal: null }),
    }),
  ).rejects.toThrow(/sbatch: invalid partition; mend that/);
  expect(record(other.folder)).toMatchObject({ status: "abandoned" });
  const abandoned = record(other.folder);
  writeFileSync(
    join(other.folder, "slurm", "1", "submission.json"),
    JSON.stringify({ ...abandoned, status: "submitting" }),
  );
  expect((await runIn(other.folder, other.jobs, none)).kinds).toEqual(["done"]);
  expect(record(other.folder)).toEqual(abandoned); // its tasks, should they come, do nothing
  expect(none.arrays.map(({ folder: at }) => at.at(-1))).toEqual(["2"]);
});

test("two coordinators of one sweep exclude each other", async () => {
  const { folder, jobs } = sweep(1);
  const lock = await acquireLock(join(folder, "slurm"));
  const slurm = fakeSlurm(done);
  await expect(runIn(folder, jobs, slurm)).rejects.toThrow(/is being written by pid/);
  lock.release();
  expect(slurm.said).toEqual([]);
});

test("when Slurm has forgotten the array, files count; what left none goes into another array", async () => {
  const { folder, jobs } = sweep(3);
  const first = fakeSlurm((job) => (job.name === "run1" ? { state: "RUNNING" } : done(job)));
  await runIn(folder, jobs, first, { detach: true });
  await runIn(folder, jobs, first, { detach: true });
  const later = fakeSlurm(done);
  const { kinds } = await runIn(folder, jobs, later);
  expect(kinds).toEqual(["done", "done", "done"]);
  expect(later.arrays.map(({ jobs: those }) => those.map(({ name }) => name))).toEqual([["run1"]]);
});

test("a controller that is away is asked again, and told of once", async () => {
  const { folder, jobs } = sweep(1);
  const slurm = fakeSlurm(done);
  const away = { code: 1, output: "Unable to contact slurm controller", signal: null };
  const running = runIn(folder, jobs, slurm, {
    async pause() {
      if (slurm.said.length < 5) slurm.answers.push(away);
    },
  });
  const { kinds, told } = await running;
  expect(kinds).toEqual(["done"]);
  expect(told.filter((text) => /does not answer \(Unable to contact/.test(text))).toHaveLength(1);
});

test("a node that can run no task is told once: the array is cancelled, what has ended stays", async () => {
  const { folder, jobs } = sweep(20);
  const slurm = fakeSlurm((job) => {
    if (job.name !== "run7") return done(job);
    writeFileSync(join(folder, "slurm", "1", "refused.txt"), "node7: engine native: is not installed\n");
    return { state: "FAILED", status: 3 << 8 };
  });
  const refusing = runIn(folder, jobs, slurm);
  await expect(refusing).rejects.toThrow(InputError);
  await expect(refusing).rejects.toThrow(
    /node7: engine native: is not installed; array 100 is cancelled with/,
  );
  expect(slurm.said.at(-1)).toBe("scancel 100");
  expect(record(folder)).toMatchObject({ status: "ended" });
  const mended = fakeSlurm(done);
  const { kinds } = await runIn(folder, jobs, mended);
  expect(new Set(kinds)).toEqual(new Set(["done"]));
  expect(existsSync(join(folder, "slurm", "2", "refused.txt"))).toBe(false);
});

test("more jobs than an array takes go into several, one after another", async () => {
  const { folder, jobs } = sweep(5);
  const slurm = fakeSlurm(done, 2);
  const { kinds, told } = await runIn(folder, jobs, slurm);
  expect(new Set(kinds)).toEqual(new Set(["done"]));
  expect(slurm.arrays.map(({ tasks }) => tasks.size)).toEqual([2, 2, 1]);
  expect(told.join()).toMatch(/an array takes 2 tasks; the other 3/);
});

test("a cancelled array ends the command as interrupted, and what never starts is refused", async () => {
  const { folder, jobs } = sweep(2);
  const slurm = fakeSlurm(() => ({ state: "CANCELLED" }));
  expect((await runIn(folder, jobs, slurm)).kinds).toEqual(["interrupted", "interrupted"]);
  const never = fakeSlurm(done);
  const waiting = runIn(folder, jobs, never, {
    async pause() {
      for (const task of never.arrays[0]?.tasks.values() ?? [])
        Object.assign(task, { state: "PENDING", reason: "PartitionConfig" });
    },
  });
  await expect(waiting).rejects.toThrow(
    /no task will ever start \(PartitionConfig\); array 100 is cancelled/,
  );
});

test("with stopAtFailure the first failure cancels the array", async () => {
  const { folder, jobs } = sweep(2);
  const slurm = fakeSlurm((job, start) =>
    job.name === "run0" ? { failed: "no", isInput: true } : { state: "RUNNING", status: start },
  );
  const executor = slurmExecutor({
    ...{ folder: join(folder, "slurm"), engine: "cpu", threads: 1, detach: false, args: [], tell: () => {} },
    ...{ script: "s", program: "p", exec: slurm.exec, pause: async () => {} },
  });
  const outcomes = await executor.run(jobs, { stopAtFailure: true });
  expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "interrupted"]);
  expect(slurm.said.at(-1)).toBe("scancel 100");
  expect(record(folder)).toMatchObject({ status: "ended" });
});
