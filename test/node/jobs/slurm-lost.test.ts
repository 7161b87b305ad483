/** The executor of a cluster where something goes wrong: tasks, nodes, the controller. Slurm is a stand-in. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import type { JobOutcome } from "../../../src/node/jobs/executors/executor.ts";
import { slurmExecutor } from "../../../src/node/jobs/executors/slurm.ts";
import { fakeSlurm } from "./fake-slurm.ts";
import { done, record, runIn, sweep } from "./slurm-sweeps.ts";

const errorOf = (outcome: JobOutcome | undefined) => (outcome?.kind === "failed" ? outcome.error : undefined);

/** Looks that are minutes apart: what Slurm was told has come through. */
function sparse() {
  let now = 0;
  return () => (now += 100_000);
}

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

test("what a task says of its failure is the outcome, as input or as a fault; the next call tries it again", async () => {
  const { folder, jobs } = sweep(2);
  const slurm = fakeSlurm((job) => ({ failed: `no memory for ${job.name}`, isInput: job.name === "run0" }));
  const { outcomes } = await runIn(folder, jobs, slurm);
  expect(outcomes.map((outcome) => errorOf(outcome) instanceof InputError)).toEqual([true, false]);
  expect(errorOf(outcomes[1])?.message).toMatch(/^no memory for run1 \(.*slurm\/1\/log\/100_1\.log\)$/);
  await runIn(folder, jobs.slice(1), slurm);
  expect(slurm.arrays).toHaveLength(2);
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
