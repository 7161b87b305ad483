// @ts-check
/**
 * Who a process is, written so that another one can tell whether it still lives.
 *
 * A pid means something in one pid namespace of one boot of one machine alone: two containers have
 * a pid 7 each, and a node of a cluster cannot ask for the processes of another. There, a pid and
 * its start time decide. Elsewhere they tell nothing.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, uptime } from "node:os";

/**
 * @typedef {object} ProcessIdentity
 * @property {number} pid
 * @property {string} host
 * @property {string | undefined} [boot] differs from one boot of a machine to the next
 * @property {string | undefined} [namespace] of the pid
 * @property {string | undefined} [processStart] clock ticks from boot to the start of the process
 */

/** Clocks of a machine and of a file server differ by less. */
const CLOCKS_MS = 30_000;

/**
 * Of a process of this machine that lives; this one where none is named.
 *
 * @param {number} [pid]
 * @returns {ProcessIdentity}
 */
export function processIdentity(pid = process.pid) {
  return {
    pid,
    host: hostname(),
    boot: bootId(),
    namespace: namespaceId(),
    processStart: processStatus(pid)?.start,
  };
}

/**
 * Whether the process lives, as far as this one can tell.
 *
 * @param {ProcessIdentity} owner
 * @param {number} seenMs when it last gave a sign of life, by the clock of the file system
 * @returns {"alive" | "dead" | "elsewhere"}
 */
export function judge(owner, seenMs) {
  if (isHere(owner)) return isDead(owner) ? "dead" : "alive";
  // The same name and another boot: this machine before it was started again, or another one of its
  // name, which would give signs.
  const restarted = owner.host === hostname() && owner.boot !== undefined && owner.boot !== bootId();
  return restarted && seenMs < Date.now() - uptime() * 1000 - CLOCKS_MS ? "dead" : "elsewhere";
}

/** @param {ProcessIdentity} owner */
function isHere(owner) {
  const [boot, namespace] = [bootId(), namespaceId()];
  if (owner.boot !== undefined && owner.boot !== boot) return false;
  if (owner.namespace !== undefined) return owner.namespace === namespace && owner.boot === boot;
  return owner.host === hostname(); // a system without namespaces, or a record of before
}

/** @param {ProcessIdentity} owner */
function isDead(owner) {
  try {
    process.kill(owner.pid, 0); // sends nothing: asks whether the process exists
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH"; // EPERM: it exists and is someone else's
  }
  const status = processStatus(owner.pid);
  if (status === undefined) return false;
  return "ZX".includes(status.state) || (owner.processStart ?? status.start) !== status.start;
}

/**
 * State and start of a process, proc_pid_stat(5): fields 3 and 22, counted after the name, which
 * may hold anything.
 *
 * @param {number} pid
 */
function processStatus(pid) {
  if (linkOf("/proc/self") !== String(process.pid)) return undefined; // /proc shows the pids of another namespace
  const stat = readOptional(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields?.[0], fields?.[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}

const bootId = () => readOptional("/proc/sys/kernel/random/boot_id")?.trim();

/** Its inode is given again after the last process of a namespace has ended; start times then tell. */
const namespaceId = () => linkOf("/proc/self/ns/pid");

/** @param {string} path */
function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** @param {string} path */
function readOptional(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
