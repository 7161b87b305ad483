/**
 * Owners that cannot be asked for, being in another container or on another host, and owners that
 * give no sign though they live.
 */
import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acquireLock } from "../../../src/node/files/lock.ts";

const TYPESCRIPT = new URL("../../../scripts/typescript.mjs", import.meta.url).href;

const hasProc = process.platform === "linux";
const since = "2026-01-01T00:00:00.000Z";
let folder: string;
let deadPid: number;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  deadPid = spawnSync(process.execPath, ["--version"]).pid;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with the lock of an owner. */
function lockOf(name: string, owner: object): { dir: string; file: string } {
  const dir = join(folder, name);
  const file = join(dir, "lock-7-0123456789abcdef.json");
  mkdirSync(dir);
  writeFileSync(
    file,
    JSON.stringify({ pid: deadPid, host: hostname(), since, heartbeatSeconds: 5, ...owner }),
  );
  return { dir, file };
}

const boot = hasProc ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() : "";
const elsewhere = [
  { where: "in another container of this machine", owner: { boot, namespace: "pid:[1]" } },
  {
    where: "in a container of this name on another machine",
    owner: { boot: "another", namespace: "pid:[1]" },
  },
  { where: "on another host", owner: { host: "another-host" } },
];

describe.runIf(hasProc).each(elsewhere)(
  "an owner $where whose pid is not a process here",
  ({ where, owner }) => {
    test("is the owner while it touches its file, and that is found out soon", async () => {
      const { dir, file } = lockOf(`alive ${where}`, owner);
      const touching = setInterval(() => utimesSync(file, new Date(), new Date()), 300);
      const told: string[] = [];
      const began = performance.now();
      await expect(acquireLock(dir, { tell: (text) => told.push(text) })).rejects.toThrow(
        `by pid ${deadPid} on`,
      );
      clearInterval(touching);
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(readdirSync(dir)).toHaveLength(1);
      expect(told.join()).toMatch(
        /^$|held by pid .*, which cannot be asked for from here; looking for three minutes/,
      );
    });

    test("is dead once it has not touched its file for long", async () => {
      const { dir } = lockOf(`dead ${where}`, owner);
      const began = performance.now();
      const lock = await acquireLock(dir, { patienceMs: 700 });
      expect(performance.now() - began).toBeGreaterThan(700);
      expect(readdirSync(dir)).toHaveLength(1);
      lock.release();
    });
  },
);

describe("an owner in a process of its own", () => {
  let owner: ChildProcess;
  const dir = () => join(folder, "process");
  const file = () => join(dir(), String(readdirSync(dir())[0]));
  beforeAll(async () => {
    owner = fork(new URL("children/race-lock.ts", import.meta.url), { execArgv: ["--import", TYPESCRIPT] });
    await once(owner, "message");
    owner.send({ take: dir() });
    expect((await once(owner, "message"))[0]).toBe("won");
  });
  afterAll(() => owner.kill("SIGKILL"));

  test("that computes without a pause goes on touching its file", async () => {
    const before = readFileSync(file(), "utf8");
    utimesSync(file(), 0, 0);
    owner.send({ busyMs: 7_000 });
    await once(owner, "message");
    const { mtimeMs } = statSync(file());
    expect(mtimeMs).toBeGreaterThan(Date.now() - 60_000);
    expect(readFileSync(file(), "utf8")).toBe(before);
  }, 30_000);

  test.runIf(hasProc)("that was stopped stays the owner, for as long as it is", async () => {
    owner.kill("SIGSTOP");
    await expect(acquireLock(dir(), { patienceMs: 0 })).rejects.toThrow(`by pid ${owner.pid}`);
    await sleep(500);
    await expect(acquireLock(dir(), { patienceMs: 0 })).rejects.toThrow(`by pid ${owner.pid}`);
    owner.kill("SIGCONT");
  });
});

const canUnshare = hasProc && spawnSync("unshare", ["-p", "-f", "true"]).status === 0;

/**
 * With its own /proc as in a container, and with that of the host, in which its pids mean other
 * processes.
 */
(canUnshare ? test.concurrent : test.skip).each([[["--mount-proc"]], [[]]])(
  "a real pid namespace, unshare %j, does not take the lock of a process outside, nor this one its lock",
  async (proc) => {
    const dir = join(folder, `namespace ${proc}`);
    const lock = await acquireLock(dir);
    const module = new URL("../../../src/node/files/lock-files.mjs", import.meta.url).href;
    const source = `
      const { takeLock } = await import(${JSON.stringify(module)});
      const onOthers = ({ state }) => state === "doubtful";
      const first = await takeLock(process.argv[1], { onOthers });
      const own = await takeLock(process.argv[2], { onOthers });
      const again = await takeLock(process.argv[2], { onOthers });
      console.log(JSON.stringify([first, own, again].map((one) => one !== undefined)));
      await new Promise((resolve) => process.stdin.once("data", resolve));
      process.exit();`;
    const args = [...proc, process.execPath, "--input-type=module", "--eval", source, dir, `${dir} own`];
    const inside = spawn("unshare", ["-p", "-f", ...args], { stdio: ["pipe", "pipe", "inherit"] });
    expect(String((await once(inside.stdout, "data"))[0])).toBe("[false,true,false]\n");
    await expect(acquireLock(`${dir} own`)).rejects.toThrow(/is being written by pid \d+/);
    lock.requireHeld();
    inside.stdin.end("over");
    await once(inside, "exit");
    expect(readdirSync(`${dir} own`)).toEqual([]);
    lock.release();
  },
  60_000,
);
