import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir, uptime } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { acquireLock } from "../../../src/node/files/lock.ts";

let folder: string;
let deadPid: number;
const since = "2026-01-01T00:00:00.000Z";
const hasProc = process.platform === "linux";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  deadPid = spawnSync(process.execPath, ["--version"]).pid;
});
afterAll(() => rmSync(folder, { recursive: true }));

function staleLock(name: string, owner: object | string): string {
  const dir = join(folder, name);
  mkdirSync(dir, { recursive: true });
  const text = typeof owner === "string" ? owner : JSON.stringify(owner);
  writeFileSync(join(dir, `lock-${deadPid}-0123456789abcdef.json`), text);
  return dir;
}

const lockFiles = (dir: string) => readdirSync(dir).filter((name) => name.startsWith("lock-"));

test("a held lock is refused, naming its owner, until it is released", async () => {
  const dir = join(folder, "held", "run");
  const lock = await acquireLock(dir);
  const error = await acquireLock(dir).catch((e) => e);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(
    new RegExp(`^${dir}: is being written by pid ${process.pid} on ${hostname()} since 2.*Z; wait or choose`),
  );
  expect(lockFiles(dir)).toHaveLength(1);
  lock.release();
  lock.release();
  expect(lockFiles(dir)).toEqual([]);
  (await acquireLock(dir)).release();
});

test("of eight takers in one process one wins", async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => acquireLock(join(folder, "eight"))),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

describe("a stale lock is taken over", () => {
  test("when its process has ended", async () => {
    const dir = staleLock("ended", { pid: deadPid, host: hostname(), since });
    (await acquireLock(dir)).release();
    expect(lockFiles(dir)).toEqual([]);
  });

  test.runIf(hasProc)("when its pid belongs to a process that started at another time", async () => {
    const dir = staleLock("reused", { pid: process.ppid, host: hostname(), since, processStart: "1" });
    (await acquireLock(dir)).release();
  });

  test.runIf(hasProc)("when the machine has been started again since it was last touched", async () => {
    const owner = { pid: process.ppid, host: hostname(), since, boot: "another" };
    const dir = staleLock("boot", owner);
    const beforeBoot = new Date(Date.now() - uptime() * 1000 - 60_000);
    utimesSync(join(dir, String(lockFiles(dir)[0])), beforeBoot, beforeBoot);
    (await acquireLock(dir)).release();
    // Touched in this boot it is of another machine with this name.
    await expect(acquireLock(staleLock("namesake", owner))).rejects.toThrow(`by pid ${process.ppid}`);
  });

  test("when a power cut took its content", async () => {
    (await acquireLock(staleLock("torn", ""))).release();
  });
});

describe("a lock is respected", () => {
  test("when its process lives, also without a start time", async () => {
    const dir = staleLock("living", { pid: process.ppid, host: hostname(), since });
    await expect(acquireLock(dir)).rejects.toThrow(`by pid ${process.ppid}`);
  });

  test("when its host is another, and the message says which file to delete", async () => {
    const dir = staleLock("elsewhere", { pid: deadPid, host: "another-host", since });
    await expect(acquireLock(dir)).rejects.toThrow(
      /on another-host since 2026-01-01.*, or delete lock-\d+-0123456789abcdef.json if that run is gone/,
    );
  });

  test("when it is of a version that this one does not know", async () => {
    await expect(acquireLock(staleLock("version", { owner: "?" }))).rejects.toThrow(
      /not a lock of this version/,
    );
  });
});

test("a folder that cannot be made is refused", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(acquireLock(join(folder, "file", "run"))).rejects.toThrow(InputError);
});

describe("between processes", () => {
  let racers: ChildProcess[];
  beforeAll(async () => {
    racers = [newRacer(), newRacer()];
    await Promise.all(racers.map((racer) => once(racer, "message")));
  });
  afterAll(() => {
    for (const racer of racers) racer.kill("SIGKILL");
  });

  test("of two that race for a lock, stale or absent, 20 times, exactly one wins each time", async () => {
    for (let round = 0; round < 20; round += 1) {
      const name = `race-${round}`;
      const stale = { pid: deadPid, host: hostname(), since };
      const dir = round % 2 === 0 ? staleLock(name, stale) : join(folder, name);
      const results = await ask(racers, { take: dir });
      expect(
        results.filter((result) => result === "won"),
        results.join("\n"),
      ).toHaveLength(1);
      const owner = JSON.parse(readFileSync(join(dir, String(lockFiles(dir)[0])), "utf8"));
      expect(owner.pid).toBe(racers[results.indexOf("won")]?.pid);
      await ask(racers, "release");
      expect(lockFiles(dir)).toEqual([]);
    }
  });

  test("a lock is taken over when its owner is killed, and goes when its owner exits", async () => {
    const [killed, exiting] = racers as [ChildProcess, ChildProcess];
    const dirs = ["killed", "exiting"].map((name) => join(folder, name)) as [string, string];
    await Promise.all([ask([killed], { take: dirs[0] }), ask([exiting], { take: dirs[1] })]);
    await expect(acquireLock(dirs[0])).rejects.toThrow(`by pid ${killed.pid}`);
    const ended = Promise.all(racers.map((racer) => once(racer, "exit")));
    killed.kill("SIGKILL");
    exiting.disconnect(); // nothing else keeps it alive
    await ended;
    expect(lockFiles(dirs[0])).toHaveLength(1);
    (await acquireLock(dirs[0])).release();
    expect(lockFiles(dirs[1])).toEqual([]);
  });
});

function newRacer(): ChildProcess {
  return fork(new URL("children/race-lock.ts", import.meta.url), {
    execArgv: ["--import", new URL("../../../scripts/typescript.mjs", import.meta.url).href],
  });
}

async function ask(racers: readonly ChildProcess[], message: object | string): Promise<string[]> {
  const answers = racers.map((racer) => once(racer, "message"));
  for (const racer of racers) racer.send(message);
  return (await Promise.all(answers)).map(([answer]) => String(answer));
}
