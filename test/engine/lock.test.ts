import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "../../src/engine/native-setup/lock.ts";

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(folder, "lock");
});

afterEach(() => rmSync(folder, { recursive: true }));

const nobody = () => {
  throw new Error("waited without need");
};

test("owners of one lock work one after another, and the waiting one is told once whom it waits for", async () => {
  const events: string[] = [];
  const told: number[] = [];
  const work = (name: string) =>
    withLock(
      lock,
      ({ pid }) => told.push(pid),
      async () => {
        events.push(`${name} begins`);
        await sleep(300);
        events.push(`${name} ends`);
      },
    );
  await Promise.all([work("first"), work("second"), work("third")]);
  for (let i = 0; i < events.length; i += 2) {
    expect(events[i + 1]).toBe(events[i]?.replace("begins", "ends"));
  }
  expect(told).toEqual([process.pid, process.pid]);
  expect(readdirSync(folder)).toEqual([]);
});

test("the lock of a process that is gone is taken over at once", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(lock, JSON.stringify({ pid, host: hostname(), token: "gone" }));
  expect(await withLock(lock, nobody, async () => "worked")).toBe("worked");
  expect(existsSync(lock)).toBe(false);
});

test("the lock of another host is taken over when it was not touched for a minute, and only then", async () => {
  const other = JSON.stringify({ pid: process.pid, host: "another host", token: "other" });
  writeFileSync(lock, other);
  let host = "";
  const waiting = withLock(
    lock,
    (owner) => {
      host = owner.host;
    },
    async () => "worked",
  );
  await sleep(500);
  expect(host).toBe("another host");
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(lock, longAgo, longAgo);
  expect(await waiting).toBe("worked");
});

test("work that throws releases the lock", async () => {
  const failing = withLock(lock, nobody, async () => {
    throw new Error("work failed");
  });
  await expect(failing).rejects.toThrow("work failed");
  expect(readdirSync(folder)).toEqual([]);
});
