/** The lock of a folder (lock-files.mjs), with what a person is told: who holds it, and that it was lost. */
import { hostname } from "node:os";
import { InputError } from "../../errors.ts";
import { takeLock } from "./lock-files.mjs";
import type { Found } from "./lock-owners.mjs";
import { writeError } from "./system-errors.ts";

/** A lock that is held until it is released or the process exits. */
export interface Lock {
  /** False when another process has taken this one for dead. */
  isHeld(): boolean;
  /**
   * To be called before each write that another owner could be hurt by.
   *
   * @throws InputError when the lock was lost: this process was stopped for so long that another
   *   one took it for dead
   */
  requireHeld(): void;
  /** Gives the lock back; also called when the process exits. Calling it again does nothing. */
  release(): void;
}

export interface LockOptions {
  /** Whether to wait for another owner, or to be refused. */
  readonly wait?: boolean;
  /** Is told, once, for whom there is need to wait. */
  readonly tell?: ((text: string) => void) | undefined;
  /** Ends the waiting with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Name of the lock file of earlier versions. */
  readonly formerName?: string;
  /** How long an owner that cannot be asked for may give no sign of life. */
  readonly patienceMs?: number;
}

/**
 * Takes the lock of a folder, which is made if it is missing. Where there is no wish to wait, it
 * still does so when the owner is in another container or on another host and gives no sign of
 * life.
 *
 * @throws InputError when another process holds it and there is no wish to wait, or the folder
 *   cannot be written
 */
export async function acquireLock(folder: string, options: LockOptions = {}): Promise<Lock> {
  const { wait = false, tell = () => {}, ...rest } = options;
  let told = false;
  let refusal: InputError | undefined;
  const onOthers = (found: Found): boolean => {
    if (found.owner === undefined || (found.state === "alive" && !wait)) {
      refusal = refused(folder, found);
      return false;
    }
    if (!told) tell(waiting(folder, found));
    told = true;
    return true;
  };
  const lock = await takeLock(folder, { ...rest, onOthers }).catch((error) => {
    throw writeError(folder, error);
  });
  if (lock === undefined) throw refusal;
  const requireHeld = () => {
    if (!lock.isHeld())
      throw new InputError(
        `${folder}: its lock is gone: this process was stopped for minutes and another one took over, or someone deleted the file; nothing more is written here, run the command again`,
      );
  };
  return { ...lock, requireHeld };
}

/**
 * Runs `work` while no other process holds the lock of a folder.
 *
 * @throws InputError when the folder cannot be written
 */
export async function withLock<T>(
  folder: string,
  options: Omit<LockOptions, "wait">,
  work: (lock: Lock) => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(folder, { ...options, wait: true });
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

const describe = ({ owner }: Found): string => `pid ${owner?.pid} on ${owner?.host} since ${owner?.since}`;

function waiting(folder: string, found: Found): string {
  if (found.state === "alive") return `${folder}: waiting for ${describe(found)}`;
  return `${folder}: held by ${describe(found)}, which cannot be asked for from here; looking for three minutes whether it lives`;
}

function refused(folder: string, found: Found): InputError {
  if (found.owner === undefined) {
    return new InputError(
      `${folder}/${found.name}: not a lock of this version; delete it if no run is writing here`,
    );
  }
  const lost = found.owner.host === hostname() ? "" : `, or delete ${found.name} if that run is gone`;
  return new InputError(
    `${folder}: is being written by ${describe(found)}; wait or choose another --out${lost}`,
  );
}
