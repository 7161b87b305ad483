/** The executor of a cluster: what is submitted, once, and by whom it is collected. Slurm is a stand-in. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireLock } from "../../../src/node/files/lock.ts";
import { fakeSlurm, programsOf } from "./fake-slurm.ts";
import { done, record, runIn, sweep } from "./slurm-sweeps.ts";

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

test("more jobs than an array takes go into several, one after another", async () => {
  const { folder, jobs } = sweep(5);
  const slurm = fakeSlurm(done, 2);
  const { kinds, told } = await runIn(folder, jobs, slurm);
  expect(new Set(kinds)).toEqual(new Set(["done"]));
  expect(slurm.arrays.map(({ tasks }) => tasks.size)).toEqual([2, 2, 1]);
  expect(told.join()).toMatch(/an array takes 2 tasks; the other 3/);
});
