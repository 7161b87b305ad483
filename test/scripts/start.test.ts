/** The main job in processes side by side: shared out, interrupted, taken up again, and failing. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { shareOf } from "../../src/node/jobs/executors/local.ts";
import { sets, startIn } from "./run-command.ts";

vi.setConfig({ testTimeout: 180_000 });

describe("threads are shared out to processes", () => {
  const GB = 2 ** 30;
  test.each([
    ["two cores: two processes of one thread", 2, 5, 16 * GB, { workers: 2, threads: 1 }],
    ["no more processes than presets", 16, 5, 64 * GB, { workers: 5, threads: 3 }],
    ["no more than memory holds", 8, 5, 5 * GB, { workers: 2, threads: 4 }],
    ["one at least", 1, 5, GB, { workers: 1, threads: 1 }],
  ])("%s", (_, threads, presets, memory, expected) => {
    expect(shareOf(threads, presets, memory)).toEqual(expected);
  });
});

const TINY = [
  "model.context=18",
  "model.layers=1",
  "model.width=8",
  "model.heads=2",
  "train.batch=4",
  "train.evalEvery=500",
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "start-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = (...fields: string[]) =>
  startIn(folder, "start", "--threads", "2", "--engine", "native", ...sets(...TINY, ...fields));

/** To be interrupted between two saves. */
const LONG_ENOUGH = ["train.steps=300", "train.saveEvery=20"];

/** The run directories that there are. */
function runs(): string[] {
  const all = join(folder, "checkpoints");
  return existsSync(all) ? readdirSync(all).map((name) => join(all, name)) : [];
}

test("Ctrl-C saves what is in hand and exits with 130; the same command ends with the table and the report", async () => {
  const running = start(...LONG_ENOUGH);
  await vi.waitUntil(() => runs().some((run) => readdirSync(run).includes("step-000020")), {
    timeout: 60_000,
  });
  running.child.kill("SIGINT");
  const stopped = await running.outcome;
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toMatch(/^start: interrupted, state saved; the same command goes on from there$/m);
  expect(stopped.stdout).toBe("");
  const { code, stdout, stderr } = await start(...LONG_ENOUGH).outcome;
  expect(stderr).toMatch(/goes on from step \d+ in checkpoints/);
  expect(code).toBe(0);
  const wide = stdout.split("\n").filter((line) => [...line].length > 80 && !line.includes("report.html"));
  expect(wide).toEqual([]);
  for (const name of ["none", "none-bidirectional", "learned", "sinusoidal", "rope", "alibi"]) {
    expect(stdout).toMatch(new RegExp(`^${name} +${name.replace(/^none-.*/, "none")} +[\\d,]+ `, "m"));
    expect(
      readdirSync(join(folder, "checkpoints")).filter((run) => run.startsWith(`${name}-who`)),
    ).toHaveLength(1);
  }
  expect(existsSync(join(folder, "checkpoints/demo/report.html"))).toBe(true);
});

test("a training that fails says why, ends the others with their state saved, and exits with 1", async () => {
  const { code, stdout, stderr } = await start("train.learningRate=1e30", "train.warmup=0").outcome;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^whereabouts start: train: the loss is .* lower train\.learningRate/m);
  expect(stderr).toMatch(/: its process ended with exit code 1, as said above$/m);
  expect(stdout).toBe("");
});

test("of two at once the second waits for what the first is at, and both end with the table", async () => {
  // The first test has trained the others, which both find done: one for each process of the first command.
  for (const run of runs().filter((path) => /\/(rope|alibi)-who-s1-/.test(path)))
    rmSync(run, { recursive: true });
  const commands = [start(...LONG_ENOUGH), start(...LONG_ENOUGH)];
  const both = await Promise.all(commands.map(({ outcome }) => outcome));
  const said = both.map(({ stderr }) => stderr).join("");
  expect(
    both.map(({ code }) => code),
    said,
  ).toEqual([0, 0]);
  expect(said).toMatch(/^\S+ +checkpoints\/\S+-s1-\w+: waiting for pid \d+ on \S+ since \S+$/m);
  for (const { stdout } of both) expect(stdout).toMatch(/^alibi +alibi +[\d,]+ /m);
});
