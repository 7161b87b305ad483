/**
 * One writer a run directory.
 *
 * Every process that wants the lock puts down a file of its own, `lock-PID-RANDOM.json`, and then lists the folder: it has
 * the lock when no file of another living process is there, and otherwise takes its own away. Of two that come at once, the
 * one that lists last sees the other, so that never both win; both may withdraw, and then try again after a random pause.
 * File names are never used twice, so a dead owner's file can be deleted at any time without hitting a new owner: the
 * usual trouble of taking over one shared lock file.
 *
 * An owner is dead when, on this host, its pid has no process, has one that ended and waits for its parent, or has one that
 * started at another time (from /proc, where there is one) or after another boot. Owners on other hosts count as living.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { readRegularText } from "../files/regular.ts";
import { errorCode, STAGING, writeError } from "./durable.ts";

/** A lock that is held until it is released or the process exits. */
export interface RunLock {
  /** Gives the lock back; also called when the process exits. Calling it again does nothing. */
  release(): void;
}

const ownerSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  since: z.string(),
  /** Clock ticks from boot to the start of the process. */
  processStart: z.string().optional(),
  boot: z.string().optional(),
});
type Owner = z.infer<typeof ownerSchema>;

const LOCK_FILE = /^lock-[0-9]+-[0-9a-f]{16}\.json$/;
/** Two that meet part after a draw or two of 5 to 45 ms; a real owner is reported after about an eighth of a second. */
const ATTEMPTS = 6;

/**
 * Takes the lock of a run directory, which is made if it is missing.
 *
 * @throws InputError when another process holds it, or the folder cannot be written
 */
export async function acquireLock(dir: string): Promise<RunLock> {
  for (let attempt = 1; ; attempt += 1) {
    const name = `lock-${process.pid}-${randomBytes(8).toString("hex")}.json`;
    putDown(dir, name);
    const refusal = otherOwner(dir, name);
    if (refusal === undefined) return heldLock(join(dir, name));
    removeQuietly(join(dir, name));
    if (attempt === ATTEMPTS) throw refusal;
    await pause(5 + Math.floor((40 * (randomBytes(1)[0] as number)) / 255)); // one byte was asked for
  }
}

/** The name appears with its content. Not synced: a lock need not outlive the machine, and a slow disk would widen races. */
function putDown(dir: string, name: string): void {
  const path = join(dir, name);
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(path + STAGING, `${JSON.stringify(thisProcess())}\n`);
    renameSync(path + STAGING, path);
  } catch (error) {
    removeQuietly(path + STAGING);
    throw writeError(dir, error);
  }
}

function heldLock(path: string): RunLock {
  const release = () => {
    process.off("exit", release);
    removeQuietly(path);
  };
  process.on("exit", release);
  return { release };
}

/** Why the lock cannot be had; files of dead owners are deleted on the way. */
function otherOwner(dir: string, own: string): InputError | undefined {
  for (const name of readdirSync(dir)) {
    if (name === own || !LOCK_FILE.test(name)) continue;
    const path = join(dir, name);
    const owner = readOwner(path);
    if (owner === "gone") continue;
    if (owner === "unreadable") {
      return new InputError(`${path}: not a lock of this version; delete it if no run is writing here`);
    }
    if (owner === "torn" || (owner.host === hostname() && isDead(owner))) {
      removeQuietly(path);
      continue;
    }
    const held = `${dir}: is being written by pid ${owner.pid} on ${owner.host} since ${owner.since}`;
    const lost = owner.host === hostname() ? "" : `, or delete ${name} if that run is gone`;
    return new InputError(`${held}; wait or choose another --out${lost}`);
  }
  return undefined;
}

/** "torn": a name without its content, which only a power cut leaves behind. */
function readOwner(path: string): Owner | "gone" | "torn" | "unreadable" {
  try {
    return ownerSchema.parse(JSON.parse(readRegularText(path)));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "gone";
    return error instanceof SyntaxError ? "torn" : "unreadable";
  }
}

function thisProcess(): Owner {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    processStart: processStatus(process.pid)?.start,
    boot: bootId(),
  };
}

function isDead(owner: Owner): boolean {
  if (owner.boot !== undefined && owner.boot !== bootId()) return true;
  try {
    process.kill(owner.pid, 0); // sends nothing: asks whether the process exists
  } catch (error) {
    return errorCode(error) === "ESRCH"; // EPERM: it exists and is someone else's
  }
  const status = processStatus(owner.pid);
  if (status === undefined) return false;
  return "ZX".includes(status.state) || (owner.processStart ?? status.start) !== status.start;
}

/** Leaves the file where it cannot be deleted: once its owner is dead it is stale anyway. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** State and start of a process, proc_pid_stat(5): fields 3 and 22, counted after the name, which may hold anything. */
function processStatus(pid: number): { state: string; start: string } | undefined {
  const stat = readOptional(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields?.[0], fields?.[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}

/** A text that differs from one boot of a machine to the next, where there is one. */
function bootId(): string | undefined {
  return readOptional("/proc/sys/kernel/random/boot_id")?.trim();
}

function readOptional(path: string): string | undefined {
  try {
    return readRegularText(path);
  } catch {
    return undefined;
  }
}
