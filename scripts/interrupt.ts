/**
 * Ctrl-C, SIGTERM and SIGHUP ask for an end: the work in hand is saved first. A second one ends the
 * process at once.
 *
 * The end of npm (whereabouts.mjs) asks for it too, and is never a second one: what ended npm may
 * have come here as well.
 */
import { EXIT_INTERRUPTED, SIGNALS } from "../src/node/jobs/signals.ts";

export { EXIT_INTERRUPTED } from "../src/node/jobs/signals.ts";

/**
 * npm hands on the Ctrl-C that this process had from the terminal too, on a busy machine seconds
 * later: a second signal of one name is the same request within this time, a third is not. It may
 * also end its command by another signal as it ends, however late that is: the first of another
 * name is the same request at any time.
 */
const ECHO_MS = 5000;

/** With events of our own, which its types do not know. */
const events: NodeJS.EventEmitter = process;

/** A signal that is aborted when the end is asked for; `release` gives the signals back to Node. */
export function interruptible(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const came = new Map<NodeJS.Signals, number>();
  let asked = Number.NEGATIVE_INFINITY;
  const onSignal = (name: NodeJS.Signals) => {
    const times = (came.get(name) ?? 0) + 1;
    came.set(name, times);
    const isEcho = times === 1 || (times === 2 && performance.now() - asked < ECHO_MS);
    if (startedByNpm() && controller.signal.aborted && isEcho) return;
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    asked = performance.now();
    controller.abort();
  };
  const onNpmEnded = () => controller.abort();
  for (const name of SIGNALS) process.on(name, onSignal);
  events.on("npmEnded", onNpmEnded);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal);
      events.off("npmEnded", onNpmEnded);
    },
  };
}

const startedByNpm = (): boolean => process.env.npm_lifecycle_event !== undefined;
