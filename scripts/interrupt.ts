/** Ctrl-C and SIGTERM ask for an end: the work in hand is saved first. A second one ends the process at once. */

/** The exit code of work that was interrupted and saved. */
export const EXIT_INTERRUPTED = 130;

/** A signal that is aborted by SIGINT or SIGTERM; `release` gives the signals back to Node. */
export function interruptible(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
