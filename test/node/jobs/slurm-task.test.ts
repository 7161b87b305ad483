/** A task of an array, without Slurm: what it leaves, and what a node says that can run none. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { downloadWheel, forbidDownloads } from "../../../src/node/files/pip.ts";
import { silent } from "../../../src/node/files/progress.ts";
import {
  type Manifest,
  putDown,
  recorded,
  resultsIn,
} from "../../../src/node/jobs/executors/slurm/submission.ts";
import { runTask, taskOf } from "../../../src/node/jobs/executors/slurm/task.ts";
import { trainingJob } from "../../../src/node/jobs/job.ts";
import { tinyPreset } from "../run/tiny-run.ts";

const root = mkdtempSync(join(tmpdir(), "slurm-task-"));
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true)); // its log

const job = (name: string, ...changes: string[]) =>
  trainingJob(tinyPreset(`name=${name}`, ...changes), ["coverage"], { out: join(root, name) });

async function submission(name: string, manifest: Partial<Manifest> = {}) {
  const given = await putDown(join(root, `${name}.slurm`), {
    engine: "cpu",
    threads: 1,
    jobs: [job(name)],
    ...manifest,
  });
  return recorded(given, { ...given.record, array: "12", status: "submitted" });
}
const none = { has: () => false };
const run = (folder: string, array = "12", index = 0) => runTask(folder, { array, index }, () => {});

test("its job ends in a result; asked again, the trained run is skipped and says the same", async () => {
  const { folder } = await submission("whole");
  expect(await run(folder)).toBe(0);
  const first = resultsIn(folder, none).get(0);
  expect(first).toMatchObject({ outcome: "finished", result: { directory: join(root, "whole") } });
  expect(await run(folder)).toBe(0);
  expect(resultsIn(folder, none).get(0)).toEqual({ ...first, outcome: "skipped" });
});

test("a job that fails says why in its result, and the exit code tells input from faults", async () => {
  const jobs = [job("theirs"), job("diverges", "train.learningRate=1e30", "train.warmup=0")];
  const { folder } = await submission("fails", { jobs });
  mkdirSync(join(root, "theirs"));
  writeFileSync(join(root, "theirs", "thesis.tex"), "mine");
  expect([await run(folder), await run(folder, "12", 1), await run(folder, "12", 5)]).toEqual([2, 1, 2]);
  const results = resultsIn(folder, none);
  expect(results.get(0)).toMatchObject({ failed: expect.stringMatching(/holds no run/), isInput: true });
  expect(results.get(1)).toMatchObject({ failed: expect.stringMatching(/not finite|NaN/), isInput: false });
  expect(results.get(5)).toMatchObject({ failed: expect.stringMatching(/job 5/), isInput: true });
});

test("a task of another array, or of one that was given up, does nothing", async () => {
  const given = await submission("other");
  expect(await run(given.folder, "13")).toBe(0);
  await recorded(given, { ...given.record, status: "abandoned" });
  expect(await run(given.folder)).toBe(0);
  expect(resultsIn(given.folder, none).size).toBe(0);
  expect(existsSync(join(root, "other", "run.json"))).toBe(false);
});

test("a result that is not whole is none", async () => {
  const { folder } = await submission("torn");
  for (const text of ["", "{", '{"code":"x","outcome":"finished"}'])
    for (const index of [0, 1]) writeFileSync(join(folder, "results", `${index}.json`), text);
  expect(resultsIn(folder, none).size).toBe(0);
});

test("a node without the engine says so once for all", async () => {
  const { folder } = await submission("refused", { engine: "webgpu" });
  expect(await run(folder)).toBe(3);
  const said = readFileSync(join(folder, "refused.txt"), "utf8");
  expect(said).toMatch(/: engine webgpu: /);
  expect(await run(folder)).toBe(3);
  expect(readFileSync(join(folder, "refused.txt"), "utf8")).toBe(said);
  expect(resultsIn(folder, none).size).toBe(0);
});

test("a task is known by its environment", () => {
  expect(taskOf({ SLURM_ARRAY_JOB_ID: "12", SLURM_ARRAY_TASK_ID: "3" })).toEqual({ array: "12", index: 3 });
  expect(() => taskOf({})).toThrow(/is no task of an array/);
});

test("where nothing may be fetched, it says what is missing instead of fetching it", async () => {
  forbidDownloads("a task fetches nothing");
  const wheel = { requirement: "x==1", sha256: "0", tag: "any", bytes: 1 };
  await expect(downloadWheel(wheel, root, silent)).rejects.toThrow(
    /x==1 is not here, and a task fetches nothing/,
  );
});

describe("slurm-task.sh", () => {
  const script = fileURLToPath(new URL("../../../scripts/slurm-task.sh", import.meta.url));
  const program = join(root, "program.mjs");
  writeFileSync(program, "");
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "scancel"), '#!/bin/sh\necho "$@" >> "$CALLS"\n');
  chmodSync(join(bin, "scancel"), 0o755);

  function sh(name: string, change: { node?: string; program?: string; place?: string } = {}) {
    const folder = join(root, `sh-${name}`);
    mkdirSync(folder, { recursive: true });
    const calls = join(folder, "calls");
    const env = { PATH: bin, CALLS: calls, SLURM_ARRAY_JOB_ID: "12", SLURMD_NODENAME: "node7" };
    const { status, stderr } = spawnSync(
      "/bin/sh",
      [script, change.node ?? "/bin/echo", change.program ?? program, folder, change.place ?? root],
      { env, encoding: "utf8" },
    );
    const read = (file: string) =>
      existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
    return { status, stderr, refused: read("refused.txt"), calls: read("calls") };
  }

  test("starts the program", () => {
    expect(sh("starts")).toMatchObject({ status: 0, refused: "", calls: "" });
  });

  test.each<[string, Parameters<typeof sh>[1], RegExp]>([
    ["Node", { node: "/nonexistent/node" }, /^node7: Node is not at \/nonexistent\/node, nor on the PATH/],
    ["the program", { program: "/nonexistent/x.mjs" }, /^node7: \/nonexistent\/x\.mjs is not here/],
    ["the folder", { place: "/nonexistent/sweep" }, /^node7: the folder \/nonexistent\/sweep is not here/],
  ])(
    "says that its node lacks %s, and keeps the others from starting; a task after it ends at once",
    (name, change, said) => {
      const first = sh(name, change);
      expect(first).toMatchObject({ status: 3, calls: "--state=PENDING 12\n" });
      expect(first.refused).toMatch(said);
      const second = sh(name);
      expect(second).toEqual({ ...first, stderr: expect.stringMatching(/another node has refused: node7/) });
    },
  );
});
