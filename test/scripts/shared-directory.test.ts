/** One run directory and several processes: who holds it, and what signals do to the holder. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { latestStep } from "../../src/node/run/directory.ts";
import { readRunJson } from "../../src/node/run/run-json.ts";
import { LEARNED, type Running, run, sets, start, TINY } from "./run-command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "shared-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A run that would take minutes, with its first line of progress after five steps. */
const ENDLESS = [...TINY, ...sets("train.steps=100000", "train.saveEvery=100000", "train.evalEvery=5")];
const command = (name: string) => [
  "train",
  LEARNED,
  "--out",
  join(folder, name),
  "--engine",
  "cpu",
  ...ENDLESS,
];

async function underWay(name: string): Promise<Running> {
  const running = start(...command(name));
  await running.firstWords;
  return running;
}

const locks = (name: string) => readdirSync(join(folder, name)).filter((file) => file.startsWith("lock-"));

test("a second process is told who holds the directory, changes nothing, and the first goes on", async () => {
  const first = await underWay("held");
  const second = await run(...command("held"));
  expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 2, stdout: "" });
  const held = new RegExp(
    `^whereabouts train: .*held: is being written by pid ${first.child.pid} on \\S+ since \\S+; wait or choose another --out\n$`,
  );
  expect(second.stderr).toMatch(held);
  expect(first.child.exitCode).toBeNull();
  expect(locks("held")).toHaveLength(1);
  first.child.kill("SIGTERM");
  const { code, stderr, stdout } = await first.outcome;
  expect({ code, stdout }).toEqual({ code: 130, stdout: `${join(folder, "held")}\n` });
  expect(stderr).toMatch(
    /train: interrupted at step \d+, state saved; the same command goes on from there\n$/,
  );
  expect(readRunJson(join(folder, "held"))?.status).toBe("interrupted");
  expect(latestStep(join(folder, "held"))?.step).toBe(Number(/interrupted at step (\d+)/.exec(stderr)?.[1]));
  expect(locks("held")).toEqual([]);
});

test("a lock whose owner was killed is taken over", async () => {
  const first = await underWay("orphaned");
  first.child.kill("SIGKILL");
  await first.outcome;
  expect(locks("orphaned")).toHaveLength(1);
  const second = await underWay("orphaned");
  expect(locks("orphaned")).toEqual([expect.stringMatching(`^lock-${second.child.pid}-`)]);
  second.child.kill("SIGINT");
  expect((await second.outcome).code).toBe(130);
});

test("a second Ctrl-C ends the process at once", async () => {
  const running = await underWay("twice");
  running.child.kill("SIGINT");
  running.child.kill("SIGTERM"); // another signal: two of one kind may arrive as one
  expect((await running.outcome).code).toBe(130);
  expect(
    readdirSync(join(folder, "twice")).filter((file) => file.endsWith(".tmp") && !file.startsWith("step-")),
  ).toEqual([]);
});
