/** Those who wait for a lock: one after another, told for whom, and ended by a signal. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireLock, withLock } from "../../../src/node/files/lock.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const nobody = {
  tell: () => {
    throw new Error("waited without need");
  },
};

test("owners of one lock work one after another, and the waiting one is told once whom it waits for", async () => {
  const events: string[] = [];
  const told: string[] = [];
  const work = (name: string) =>
    withLock(folder, { tell: (text) => told.push(text) }, async () => {
      events.push(`${name} begins`);
      await sleep(300);
      events.push(`${name} ends`);
    });
  await Promise.all([work("first"), work("second"), work("third")]);
  for (let i = 0; i < events.length; i += 2) {
    expect(events[i + 1]).toBe(events[i]?.replace("begins", "ends"));
  }
  const waiting = expect.stringMatching(
    `^${folder}: waiting for pid ${process.pid} on ${hostname()} since 2.*Z$`,
  );
  expect(told).toEqual([waiting, waiting]);
  expect(readdirSync(folder)).toEqual([]);
});

test("work that throws releases the lock", async () => {
  const failing = withLock(folder, nobody, async () => {
    throw new Error("work failed");
  });
  await expect(failing).rejects.toThrow("work failed");
  expect(readdirSync(folder)).toEqual([]);
});

test("a signal ends the waiting at once, and leaves nothing", async () => {
  const lock = await acquireLock(folder);
  const controller = new AbortController();
  const waiting = acquireLock(folder, { wait: true, signal: controller.signal });
  await sleep(400);
  controller.abort(new Error("Ctrl-C"));
  await expect(waiting).rejects.toThrow("Ctrl-C");
  expect(readdirSync(folder)).toHaveLength(1);
  lock.release();
  await expect(acquireLock(folder, { signal: controller.signal })).rejects.toThrow("Ctrl-C");
});

test("an owner whose file was deleted knows it", async () => {
  const lock = await acquireLock(folder);
  lock.requireHeld();
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  expect(lock.isHeld()).toBe(false);
  expect(() => lock.requireHeld()).toThrow(/its lock is gone: .*; nothing more is written here/);
});

describe("the lock file of an earlier version", () => {
  const former = { formerName: "lock" };
  const file = () => join(folder, "lock");

  test("of a process that is gone is removed at once", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(file(), JSON.stringify({ pid, host: hostname(), token: "gone" }));
    expect(await withLock(folder, { ...nobody, ...former }, async () => "worked")).toBe("worked");
    expect(existsSync(file())).toBe(false);
  });

  test("that a full disk left empty is removed at once", async () => {
    writeFileSync(file(), "");
    expect(await withLock(folder, { ...nobody, ...former }, async () => "worked")).toBe("worked");
  });

  test.each([
    { of: "another host", text: JSON.stringify({ pid: 1, host: "another host", token: "other" }) },
    { of: "this host, by pid alone", text: String(process.pid) },
  ])("of $of is respected while it is touched, and then no more", async ({ text }) => {
    writeFileSync(file(), text);
    const touching = setInterval(() => utimesSync(file(), new Date(), new Date()), 50);
    let done = false;
    const waiting = withLock(folder, { ...former, patienceMs: 500 }, async () => {
      done = true;
    });
    await sleep(1200);
    expect(done).toBe(false);
    clearInterval(touching);
    await waiting;
  });
});
