/**
 * `ablate --executor slurm` on a real Slurm of two nodes, which `.ci/slurm` starts: the numbers of the
 * local executor, whatever is killed or lost meanwhile.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { nativeStatus } from "../../src/node/native/setup/index.ts";
import { LEARNED, type Outcome, run, sets, start } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

vi.setConfig({ testTimeout: 240_000 });

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "slurm-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

const FIELDS = ["model.layers=1", "model.width=8", "model.heads=2", "model.context=18", "train.batch=4"];
const TIMES = ["train.steps=50", "train.saveEvery=5", "train.evalEvery=50", "train.evalBatches=1"];
const PRESETS = [LEARNED, LEARNED.replace("learned", "sinusoidal")];
const args = (out: string, seeds: number, ...more: string[]) => [
  ...["ablate", ...PRESETS, "--seeds", String(seeds), "--probe", "positions", "--out", at(out)],
  ...[...sets(...FIELDS, ...TIMES), ...more],
];
const onCpu = (out: string, ...more: string[]) => args(out, 1, "--engine", "cpu", ...more);
const onSlurm = (out: string, ...more: string[]) =>
  onCpu(out, "--executor", "slurm", "--workers", "2", ...more);
const results = (out: string) => readFileSync(at(out, "results.csv"), "utf8");

const isUp = process.env.WHEREABOUTS_SLURM === "1";

describe.runIf(isUp)("on a cluster", () => {
  const slurm = (...words: [string, ...string[]]) => {
    const { stdout, stderr, status } = spawnSync(words[0], words.slice(1), { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const arrayOf = ({ stderr, code }: Outcome) => {
    expect(code, stderr).toBe(0);
    return /submitted array (\d+)/.exec(stderr)?.[1] as string;
  };
  /** The log of a task, and the run that it says it trains. */
  const logs = (out: string) => {
    const log = at(out, "slurm", "1", "log");
    return existsSync(log) ? readdirSync(log).map((name) => readFileSync(join(log, name), "utf8")) : [];
  };
  /** The process that trains a run holds its lock. */
  const trainers = (out: string) =>
    readdirSync(at(out))
      .filter((name) => name.includes("-who-s") && readdirSync(at(out, name)).includes("step-000005"))
      .flatMap((name) => readdirSync(at(out, name)).map((file) => Number(/^lock-(\d+)-/.exec(file)?.[1])))
      .filter((pid) => pid > 0);

  const nodeOf = (pid: number | undefined) =>
    /^SLURMD_NODENAME=(\w+)$/m.exec(readFileSync(`/proc/${pid}/environ`, "utf8").replaceAll("\0", "\n"))?.[1];

  test("a sweep that loses a task, a node, its daemon and its coordinator gives the local numbers, nothing twice", async () => {
    const array = arrayOf(await runInside(...onSlurm("killed", "--detach", "--slurm", "--exclusive")));
    const pids = () => trainers("killed");
    const both = await vi.waitUntil(() => pids().length === 2 && pids(), { timeout: 60_000, interval: 50 });
    const [victim, lost] = both.map(nodeOf);
    expect([victim, lost].sort()).toEqual(["first", "second"]);
    process.kill(both[0] as number, "SIGKILL");
    slurm("scontrol", "update", `nodename=${lost}`, "state=down", "reason=test");
    slurm(join(ROOT, ".ci/slurm"), "restart-node");
    const coordinator = start(...onSlurm("killed"));
    const words = new Promise<void>((resolve) => {
      coordinator.child.stderr?.on("data", (text: string) => /starts it again/.test(text) && resolve());
    });
    await Promise.race([words, coordinator.outcome]);
    coordinator.child.kill("SIGKILL");
    expect((await coordinator.outcome).stderr).toMatch(
      /its task \d+_\d was killed by signal 9; starts it again/,
    );

    const local = await runInside(...onCpu("local", "--workers", "1"));
    expect(local.code, local.stderr).toBe(0);
    const collected = await runInside(...onSlurm("killed"));
    expect(collected.code, collected.stderr).toBe(0);
    expect(results("killed")).toBe(results("local"));

    const rows = slurm("squeue", "-h", "-r", "-t", "all", "-j", array, "-O", "State:|,RestartCnt:|");
    expect(rows.trim().split("\n")).toEqual(["COMPLETED|1|", "COMPLETED|1|"]);
    expect(
      logs("killed")
        .join("")
        .match(/ finished: /g),
    ).toHaveLength(PRESETS.length);
    expect(readdirSync(at("killed", "slurm"))).toEqual(["1"]); // one submission in all
  });

  test("one coordinator at a time; Ctrl-C leaves the tasks and says how to come back; who cancels them ends it", async () => {
    const later = onSlurm("left", "--slurm", "--begin=now+1hour");
    const running = start(...later);
    const record = at("left", "slurm", "1", "submission.json");
    await vi.waitUntil(() => existsSync(record) && /"submitted"/.test(readFileSync(record, "utf8")), {
      timeout: 60_000,
    });
    const second = await runInside(...later);
    expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 2, stdout: "" });
    expect(second.stderr).toMatch(/left\/slurm: is being written by pid/);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.outcome;
    expect(code, stderr).toBe(130);
    const left =
      /array (\d+) goes on without this command: 0 of 2 tasks ended, 2 pending.*scancel \1 ends it/;
    const array = left.exec(stderr)?.[1] ?? "none";
    const told = await runInside(...later, "--detach");
    expect(told.code, told.stderr).toBe(0);
    expect(left.exec(told.stderr)?.[1]).toBe(array);
    slurm("scancel", array);
    const ended = await runInside(...later);
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stderr).toMatch(/interrupted with 0 of 2 runs done/);
  });

  test.runIf(nativeStatus().ready)(
    "a node without the engine says so once, and no other task is started",
    async () => {
      mkdirSync(at("cache"));
      const lacking = `--export=ALL,XDG_CACHE_HOME=${at("cache")},NODE_OPTIONS=--no-addons`;
      const refused = await run(
        ...args("refused", 20, "--engine", "native", "--executor", "slurm", "--workers", "1"),
        ...["--slurm", lacking],
      );
      expect(refused.code, refused.stderr).toBe(2);
      expect(refused.stderr.match(/engine native: does not start/g)).toHaveLength(1);
      expect(refused.stderr).toMatch(/slurm: (first|second): engine native: .*"--exclude=\1"/);
      expect(refused.stderr).toMatch(/array \d+ is cancelled with 0 of 40 tasks ended/);
      expect(logs("refused").length).toBeLessThan(5);
    },
  );
});

test("without Slurm's commands it is refused before anything is set up", async () => {
  const words = onSlurm("none");
  const { code, stdout, stderr } = await runInside(...words, "--slurm", "--array=1-2");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/--slurm: --array=1-2: --array is not yours to give/);
  const { PATH } = process.env;
  process.env.PATH = "/nonexistent";
  try {
    const missing = await runInside(...words);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/--executor slurm: not on the PATH: sbatch/);
  } finally {
    process.env.PATH = PATH;
  }
  for (const option of [["--detach"], ["--slurm", "--partition=x"]]) {
    const alone = await runInside(...onCpu("none"), ...option);
    expect({ code: alone.code, stderr: alone.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/is for --executor slurm; give that too/),
    });
  }
  expect(existsSync(at("none"))).toBe(false);
});
