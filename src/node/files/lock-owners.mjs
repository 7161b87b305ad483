// @ts-check
/** The lock files of other processes in a folder: which of them are of owners that live. */
import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { HEARTBEAT_SECONDS } from "./heartbeat.mjs";
import { judge } from "./process-identity.mjs";

/**
 * @typedef {import("./process-identity.mjs").ProcessIdentity & { since: string, heartbeatSeconds?:
 *   number | undefined }} Owner `heartbeatSeconds` is missing where the file is never touched
 *
 * @typedef {object} Found the file of another owner
 * @property {string} name
 * @property {Owner | undefined} owner undefined where the file is not one that this version knows
 * @property {"alive" | "doubtful"} state "doubtful": elsewhere, and not yet seen to touch its file
 *
 * @typedef {Map<string, { mtimeMs: number, at: number, touched: boolean }>} Seen
 */

/** An owner takes some hundred. */
const MOST_BYTES = 2 ** 16;
const LOCK_FILE = /^lock-[0-9]+-[0-9a-f]{16}\.json$/;

/**
 * Files of dead owners are deleted on the way.
 *
 * @param {string} folder
 * @param {string} own
 * @param {Seen} seen
 * @param {{ formerName: string | undefined, patienceMs: number }} rules
 * @returns {Found | undefined}
 */
export function livingOwner(folder, own, seen, { formerName, patienceMs }) {
  for (const name of readdirSync(folder)) {
    if (name === own || !(LOCK_FILE.test(name) || name === formerName)) continue;
    const path = join(folder, name);
    const read = readOwner(path, name === formerName);
    if (read === "gone") continue;
    if (read !== "torn") {
      const state = stateOf(path, read, seen, patienceMs, name === formerName);
      if (state !== "dead") return { name, owner: read.owner, state };
    }
    removeQuietly(path);
  }
  return undefined;
}

/**
 * @param {string} path
 * @param {{ owner: Owner | undefined, mtimeMs: number }} read
 * @param {Seen} seen
 * @param {number} patienceMs
 * @param {boolean} former such a lock has no start time: its pid may be used again
 * @returns {"alive" | "doubtful" | "dead"}
 */
function stateOf(path, { owner, mtimeMs }, seen, patienceMs, former) {
  if (owner === undefined) return "alive";
  const verdict = judge(owner, mtimeMs);
  if (verdict === "dead" || (verdict === "alive" && !former)) return verdict;
  if (owner.heartbeatSeconds === undefined) return "alive"; // nobody can tell
  const before = seen.get(path);
  if (before === undefined || before.mtimeMs !== mtimeMs) {
    seen.set(path, { mtimeMs, at: performance.now(), touched: before !== undefined });
    return before === undefined ? "doubtful" : "alive";
  }
  if (performance.now() - before.at > patienceMs) return "dead";
  return before.touched ? "alive" : "doubtful";
}

/**
 * "torn": a name without its content, which a power cut leaves, or an earlier version on a full disk.
 *
 * @param {string} path
 * @param {boolean} former
 * @returns {{ owner: Owner | undefined, mtimeMs: number } | "gone" | "torn"}
 */
function readOwner(path, former) {
  try {
    const status = lstatSync(path);
    const { mtimeMs, size } = status;
    if (!status.isFile() || size > MOST_BYTES) return { owner: undefined, mtimeMs };
    const text = readFileSync(path, "utf8"); // opening it makes a network file system ask its server
    const value = former ? formerOwner(JSON.parse(text), mtimeMs) : JSON.parse(text);
    return { owner: isOwner(value) ? value : undefined, mtimeMs: lstatSync(path).mtimeMs };
  } catch (error) {
    if (error instanceof SyntaxError) return "torn";
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    return code === "ENOENT" ? "gone" : { owner: undefined, mtimeMs: 0 };
  }
}

/**
 * @param {any} value
 * @returns {value is Owner}
 */
function isOwner(value) {
  const texts = [value?.boot, value?.namespace, value?.processStart];
  return (
    Number.isSafeInteger(value?.pid) &&
    value.pid > 0 &&
    typeof value.host === "string" &&
    typeof value.since === "string" &&
    texts.every((text) => text === undefined || typeof text === "string")
  );
}

/**
 * A pid alone, or with its host.
 *
 * @param {any} value
 * @param {number} mtimeMs
 */
function formerOwner(value, mtimeMs) {
  const { pid, host } = typeof value === "number" ? { pid: value, host: hostname() } : (value ?? {});
  return { pid, host, since: new Date(mtimeMs).toISOString(), heartbeatSeconds: HEARTBEAT_SECONDS };
}

/**
 * Leaves the file where it cannot be deleted: once its owner is dead it counts for nothing.
 *
 * @param {string} path
 */
export function removeQuietly(path) {
  try {
    rmSync(path, { force: true });
  } catch {}
}
