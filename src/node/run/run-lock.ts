/** The lock of a run's directory: one process writes there. */
import { acquireLock, type Lock } from "../files/lock.ts";

export interface RunLockOptions {
  /** Is told for whom the run waits; left out, a directory that another process holds is refused. */
  readonly onWait?: (text: string) => void;
  /** Hears what has to be done before training: a corpus that is fetched, a text that is encoded. */
  readonly onPrepare?: (text: string) => void;
  /** Aborted: the state is saved and the run ends as interrupted. */
  readonly signal?: AbortSignal;
}

/**
 * Takes the lock of a run's directory, which is made if it is missing; undefined when the signal came first.
 *
 * @throws InputError when another process holds it and there is no wish to wait, or the folder
 *   cannot be written
 */
export async function lockRun(
  directory: string,
  { onWait, onPrepare, signal }: RunLockOptions,
): Promise<Lock | undefined> {
  try {
    return await acquireLock(directory, { wait: onWait !== undefined, tell: onWait ?? onPrepare, signal });
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return undefined;
    throw error;
  }
}
