// @ts-check
/**
 * One owner a folder, between processes, containers and hosts. Plain JavaScript without
 * dependencies: `npm ci` is locked by it too.
 *
 * Whoever wants the lock puts down a file of its own, `lock-PID-RANDOM.json`, and then lists the
 * folder: it has the lock when no file of another living process is there, and otherwise takes its
 * own away. Of two that come at once, the one that lists last sees the other, so that never both
 * win; both may withdraw, and try again after a random pause. No name is used twice, so the file of
 * a dead owner can be deleted at any time without hitting a new owner, and an owner whose file is
 * gone knows that it was taken for dead.
 *
 * Whether an owner lives is told by its pid where that can be asked for (process-identity.mjs): one
 * that was stopped stays the owner. Elsewhere it is dead when its file was not touched for three
 * minutes of the waiting process's own clock.
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beat, HEARTBEAT_SECONDS, touch } from "./heartbeat.mjs";
import { livingOwner, removeQuietly } from "./lock-owners.mjs";
import { makeFolder } from "./make-folder.mjs";
import { processIdentity } from "./process-identity.mjs";

/**
 * @typedef {import("./lock-owners.mjs").Found} Found
 *
 * @typedef {object} HeldLock
 * @property {() => boolean} isHeld false when another process has taken this one for dead
 * @property {(pid: number) => () => void} heldBy names a process that does the work: should this one
 *   be killed, the lock is held for as long as that one lives; the function returned ends it
 * @property {() => void} release also done when the process exits; doing it again does nothing
 *
 * @typedef {object} Wishes
 * @property {(found: Found) => boolean} onOthers hears of an owner that stays, again and again;
 *   false: do not wait for it
 * @property {AbortSignal | undefined} [signal] ends the waiting with its reason
 * @property {string | undefined} [formerName] of the lock file of earlier versions, which touched
 *   it or lived for minutes
 * @property {number | undefined} [patienceMs]
 */

const DRAFT = ".tmp";
/** Long against the caches of network file systems, which may show an old time for a minute. */
const PATIENCE_MS = 180_000;
const POLL_MS = 100;
/** Two that meet withdraw within milliseconds: only what is there for longer is an owner. */
const STAYS_MS = 150;

/**
 * Takes the lock of a folder, which is made if it is missing.
 *
 * @param {string} folder
 * @param {Wishes} wishes
 * @returns {Promise<HeldLock | undefined>} undefined when `onOthers` did not want to wait
 */
export async function takeLock(folder, { onOthers, signal, formerName, patienceMs = PATIENCE_MS }) {
  /** @type {import("./lock-owners.mjs").Seen} */
  const seen = new Map();
  const others = (/** @type {string} */ own) => livingOwner(folder, own, seen, { formerName, patienceMs });
  makeFolder(folder);
  for (let stays = { name: "", since: 0 }; ; ) {
    signal?.throwIfAborted();
    const found = others("");
    if (found === undefined) {
      const lock = claim(folder, others);
      if (lock !== undefined) return lock;
      await pause(5 + 40 * Math.random());
      continue;
    }
    if (stays.name !== found.name) stays = { name: found.name, since: performance.now() };
    else if (performance.now() - stays.since >= STAYS_MS && !onOthers(found)) return undefined;
    await pause(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/**
 * @param {string} folder
 * @param {(own: string) => Found | undefined} others
 */
function claim(folder, others) {
  const name = lockName(process.pid);
  const path = join(folder, name);
  putDown(path, process.pid);
  try {
    if (others(name) === undefined) return heldLock(folder, path);
  } catch (error) {
    removeQuietly(path);
    throw error;
  }
  removeQuietly(path);
  return undefined;
}

/** @param {number} pid */
const lockName = (pid) => `lock-${pid}-${randomBytes(8).toString("hex")}.json`;

/**
 * The name appears with its content. Not synced: a lock need not outlive the machine, and a slow
 * disk would widen races.
 *
 * @param {string} path
 * @param {number} pid
 */
function putDown(path, pid) {
  /** @type {import("./lock-owners.mjs").Owner} */
  const owner = {
    ...processIdentity(pid),
    since: new Date().toISOString(),
    heartbeatSeconds: HEARTBEAT_SECONDS,
  };
  const write = () => writeFileSync(path + DRAFT, `${JSON.stringify(owner)}\n`);
  try {
    write();
    if (!touch(path + DRAFT)) {
      owner.heartbeatSeconds = undefined;
      write();
    }
    renameSync(path + DRAFT, path);
  } catch (error) {
    removeQuietly(path + DRAFT);
    throw error;
  }
}

/**
 * @param {string} folder
 * @param {string} path
 * @returns {HeldLock}
 */
function heldLock(folder, path) {
  const still = beat(path);
  const release = () => {
    process.off("exit", release);
    still();
    removeQuietly(path);
  };
  process.on("exit", release);
  return { isHeld: () => exists(path), heldBy: (pid) => heldToo(join(folder, lockName(pid)), pid), release };
}

/**
 * Not taken away when this process exits: the one that it names may live on.
 *
 * @param {string} path
 * @param {number} pid
 */
function heldToo(path, pid) {
  try {
    putDown(path, pid);
  } catch {
    return () => {}; // on a full disk: the lock itself is there, and the work has begun
  }
  const still = beat(path);
  return () => {
    still();
    removeQuietly(path);
  };
}

/** @param {string} path */
function exists(path) {
  try {
    closeSync(openSync(path, "r")); // a status may come from a network file system's cache
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT";
  }
}
