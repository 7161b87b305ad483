/** Long work on one thread: signals and timers have their turn, and an abort ends it. */

/** How long they wait at most, but for one piece of the work. */
const MILLISECONDS = 20;

/**
 * To be awaited between the pieces of long work.
 * @throws the signal's reason, once it is aborted.
 */
export function turns(signal?: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last >= MILLISECONDS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      last = performance.now();
    }
    signal?.throwIfAborted();
  };
}

/** The result of work, or "aborted" where the signal ended it. */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T | "aborted"> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return "aborted";
    throw error;
  }
}
