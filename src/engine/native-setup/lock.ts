/**
 * A lock between processes, as a file that names its owner.
 *
 * The owner touches the file every few seconds. It is stale, and taken over, when its process is gone from this host
 * or when it was not touched for a minute (a crash on another host, or a process number used again). A machine that
 * wakes from sleep can so lose its lock while it works; what is locked here writes to folders of its own and renames
 * them whole, so two owners waste work but break nothing.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readRegularText } from "../../files/regular.ts";

/** Who holds a lock. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

const TOUCH_MS = 5_000;
const STALE_MS = 60_000;
const POLL_MS = 200;

/**
 * Runs `work` while no other process holds the lock.
 *
 * @param waiting is told once who holds the lock, when there is need to wait.
 */
export async function withLock<T>(
  path: string,
  waiting: (owner: LockOwner) => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const mine: LockOwner = { pid: process.pid, host: hostname(), token: randomUUID() };
  for (let told = false; !take(path, mine); ) {
    const owner = readOwner(path);
    if (owner === undefined && statSync(path, { throwIfNoEntry: false }) === undefined) continue; // just released
    if (isStale(path, owner)) {
      removeStale(path, owner, mine.token);
      continue;
    }
    if (!told && owner !== undefined) {
      waiting(owner);
      told = true;
    }
    await sleep(POLL_MS);
  }
  const touch = setInterval(() => touchOwn(path, mine), TOUCH_MS);
  touch.unref();
  try {
    return await work();
  } finally {
    clearInterval(touch);
    if (readOwner(path)?.token === mine.token) rmSync(path, { force: true });
  }
}

/** Creates the file unless it is there. For a moment it is empty: it then has no owner to be judged by. */
function take(path: string, owner: LockOwner): boolean {
  try {
    writeFileSync(path, JSON.stringify(owner), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readOwner(path: string): LockOwner | undefined {
  try {
    return JSON.parse(readRegularText(path)) as LockOwner; // written by `take`; anything else reads as unowned
  } catch {
    return undefined;
  }
}

function isStale(path: string, owner: LockOwner | undefined): boolean {
  if (owner !== undefined && owner.host === hostname() && !isAlive(owner.pid)) return true;
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched > STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // someone else's process is alive too
  }
}

/** Two waiters may both find a lock stale: the slower one must put back what the faster has put in its place. */
function removeStale(path: string, stale: LockOwner | undefined, token: string): void {
  const aside = `${path}.${token}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // the other waiter was faster
    throw error;
  }
  const removed = readOwner(aside);
  if (removed !== undefined && removed.token !== stale?.token) take(path, removed);
  rmSync(aside, { force: true });
}

function touchOwn(path: string, mine: LockOwner): void {
  if (readOwner(path)?.token !== mine.token) return;
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // Released between the two calls; there is nothing to keep fresh.
  }
}
