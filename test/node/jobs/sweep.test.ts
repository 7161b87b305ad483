/**
 * A sweep's directory, and what becomes of runs that end badly; the executor is a
 * stand-in that says how each job ends.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import type { Executor, JobOutcome } from "../../../src/node/jobs/executors/executor.ts";
import type { Job } from "../../../src/node/jobs/job.ts";
import { claimDirectory } from "../../../src/node/jobs/sweep/directory.ts";
import { runSweep } from "../../../src/node/jobs/sweep/run-sweep.ts";
import { plansIn } from "./small-plan.ts";

const folder = mkdtempSync(join(tmpdir(), "sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const plan = plansIn(folder);

test("a directory is one plan's; another is refused with the difference, and a file that is no plan too", async () => {
  const directory = join(folder, "claimed");
  await claimDirectory(directory, plan());
  await claimDirectory(directory, plan());
  const other = claimDirectory(directory, plan({ probes: ["length"] }));
  await expect(other).rejects.toThrow(
    /claimed: holds another sweep \(probes is \["order"\] there and \["length"\] here\)/,
  );
  const fields = claimDirectory(directory, plan({ seeds: [1, 2, 3], set: ["train.steps=7"] }));
  await expect(fields).rejects.toThrow(
    /\(seed is \[1,2\] there and \[1,2,3\] here, train\.steps is 1500 there and 7 here\)/,
  );
  const swapped = plan({ grid: ["model.width=32,64", "train.batch=8,16"] });
  const half = { ...swapped, runs: swapped.runs.filter((_, i) => [0, 1, 6, 7].includes(i % 8)) };
  await claimDirectory(join(folder, "half"), half);
  const whole = claimDirectory(join(folder, "half"), swapped); // each field has the same values in both
  await expect(whole).rejects.toThrow(/runs\.none, width=32, batch=16, seed 1 is not set there and "/);
  const { fields: _, ...earlier } = JSON.parse(readFileSync(join(directory, "sweep.json"), "utf8"));
  writeFileSync(join(directory, "sweep.json"), JSON.stringify(earlier)); // of a version without fields
  await claimDirectory(directory, plan());
  await expect(claimDirectory(directory, plan({ seeds: [1] }))).rejects.toThrow(/runs\.none, seed 2 is "/);
  writeFileSync(join(directory, "sweep.json"), "[]");
  await expect(claimDirectory(directory, plan())).rejects.toThrow(/sweep\.json: is no plan of a sweep/);
});

test("a folder that holds something else is left as it is, for results and a page would replace somebody's", async () => {
  const directory = join(folder, "thesis");
  mkdirSync(join(directory, "trained"), { recursive: true });
  writeFileSync(join(directory, "trained", "log.jsonl"), "");
  writeFileSync(join(directory, "results.csv"), "mine");
  await expect(claimDirectory(directory, plan())).rejects.toThrow(
    /thesis: is not empty and holds no sweep \(results\.csv, trained\); give another --out/,
  );
  expect(readdirSync(directory).sort()).toEqual(["results.csv", "trained"]);
});

describe("runs", () => {
  const done = (job: Job): JobOutcome => ({
    kind: "done",
    result: {
      directory: "out" in job.model ? String(job.model.out) : "",
      parameters: 7,
      measurements: { order: [{ metric: "swap_score", value: job.seed, unit: "nats", n: 1, at: {} }] },
    },
  });

  /** Runs jobs by what `outcome` says of a job and of how often it was tried. */
  function executor(outcome: (job: Job, tries: number) => JobOutcome): Executor & { tried: string[] } {
    const tried: string[] = [];
    return {
      tried,
      async run(jobs, { onEvent = () => {} } = {}) {
        return jobs.map((job, index) => {
          tried.push(job.name);
          const ended = outcome(job, tried.filter((name) => name === job.name).length);
          onEvent({ ...ended, job: index });
          return ended;
        });
      },
    };
  }

  test("that end give what they measured, by condition and seed; probes that do not fit are left out by the job", async () => {
    const given = executor(done);
    const { runs, failed } = await runSweep(plan(), { directory: join(folder, "all"), executor: given });
    expect(failed).toEqual([]);
    expect(
      runs.map(({ condition, seed, parameters, context, measurements }) => [
        condition,
        seed,
        parameters,
        context,
        measurements[0]?.value,
      ]),
    ).toEqual([
      ["rope", 1, 7, 40, 1],
      ["rope", 2, 7, 40, 2],
      ["none", 1, 7, 40, 1],
      ["none", 2, 7, 40, 2],
    ]);
    expect(existsSync(join(folder, "all", "sweep.json"))).toBe(true);
  });

  test("that crash are tried once more, after all others, under their own numbers; the rest is kept", async () => {
    const crash: JobOutcome = { kind: "failed", error: new Error("SIGKILL") };
    const given = executor((job, tries) => (job.name === "none, seed 1" && tries === 1 ? crash : done(job)));
    const heard: [number, string][] = [];
    const result = await runSweep(plan(), {
      ...{ directory: join(folder, "crash"), executor: given },
      onEvent: ({ job, kind }) => heard.push([job, kind]),
    });
    expect(given.tried).toEqual([
      "rope, seed 1",
      "rope, seed 2",
      "none, seed 1",
      "none, seed 2",
      "none, seed 1",
    ]);
    expect(heard.at(-1)).toEqual([2, "done"]);
    expect(result.runs).toHaveLength(4);
    expect(result.failed).toEqual([]);
  });

  test("that crash twice, or have bad input, are told with their reason", async () => {
    const given = executor((job) =>
      job.name.startsWith("rope")
        ? { kind: "failed", error: job.seed === 1 ? new InputError("no text") : new Error("SIGSEGV") }
        : done(job),
    );
    const { runs, failed } = await runSweep(plan(), { directory: join(folder, "fail"), executor: given });
    expect(given.tried.filter((name) => name === "rope, seed 1")).toHaveLength(1);
    expect(given.tried.filter((name) => name === "rope, seed 2")).toHaveLength(2);
    expect(failed.map(({ run, error }) => [run.preset.seed, error.message])).toEqual([
      [1, "no text"],
      [2, "SIGSEGV"],
    ]);
    expect(runs.map(({ condition }) => condition)).toEqual(["none", "none"]);
  });
});
