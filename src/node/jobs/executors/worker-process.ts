/** A worker as its parent sees it. */
import { type ChildProcess, fork } from "node:child_process";
import { InputError } from "../../../errors.ts";
import type { WorkEvent } from "../events.ts";
import { EXIT_INTERRUPTED } from "../signals.ts";
import type { Answer, FromWorker, Order, ToWorker, WorkerOptions } from "./worker.ts";

/** A script and its arguments, which are followed by the JSON of `WorkerOptions`. */
export interface WorkerCommand {
  readonly script: string;
  readonly args: readonly string[];
}

export interface Worker {
  /**
   * The answer; undefined where the process was stopped before it had one.
   *
   * @param name of the job, for the message
   * @throws Error when the process ends, InputError when its exit code says so; `cause` has what
   *   the job threw
   */
  ask(name: string, order: Order, onEvent: (event: WorkEvent) => void): Promise<Answer>;
  /** A training is saved first. Probes have saved what they answered, and end at once. */
  stop(): void;
  /** Lets the process end. */
  close(): void;
  isAlive(): boolean;
}

/** A probe computes for minutes without hearing a message: after this time it is not waited for. */
const PROBE_MS = 1000;

/**
 * Starts a process. Its stderr is a pipe, so that it writes lines: bars of two processes would
 * overwrite each other.
 */
export function openWorker({ script, args }: WorkerCommand, { engine, threads }: WorkerOptions): Worker {
  const options: WorkerOptions = { engine, threads };
  const child = fork(script, [...args, JSON.stringify(options)], {
    serialization: "advanced", // losses may be NaN
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.stderr?.pipe(process.stderr, { end: false });
  let inHand: Order["kind"] | undefined;
  let wasEnded = false;
  const endProbe = () => {
    if (inHand === "probe") wasEnded = child.kill("SIGKILL");
  };
  process.once("exit", endProbe); // nobody else would end it
  child.once("close", () => process.off("exit", endProbe));
  return {
    async ask(name, order, onEvent) {
      inHand = order.kind;
      const answer = await ask({ child, name, order, wasEnded: () => wasEnded }, onEvent);
      inHand = undefined;
      return answer;
    },
    stop() {
      if (!child.connected) return;
      send(child, { kind: "stop" });
      setTimeout(endProbe, PROBE_MS).unref();
    },
    close: () => void (child.connected && child.disconnect()),
    isAlive: () => child.connected && child.exitCode === null && child.signalCode === null,
  };
}

const send = (child: ChildProcess, message: ToWorker) => child.send(message, () => {}); // one that has ended is reported by `ask`

interface Asked {
  readonly child: ChildProcess;
  readonly name: string;
  readonly order: Order;
  /** By its parent, which asked it to stop. */
  readonly wasEnded: () => boolean;
}

function ask({ child, name, order, wasEnded }: Asked, onEvent: (event: WorkEvent) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let cause: Error | undefined;
    const onMessage = (message: FromWorker) => {
      if (message.kind === "event") return onEvent(message.event);
      if (message.kind === "answer") return settle(() => resolve(message.answer));
      cause = message.isInput ? new InputError(message.message) : new Error(message.message); // its process ends now
    };
    const onClose = (code: number | null, killed: NodeJS.Signals | null) =>
      settle(() => {
        if (code === EXIT_INTERRUPTED || wasEnded()) return resolve(undefined);
        const text = `${name}: its process ended with ${killed ?? `exit code ${code}`}, as said above`;
        reject(code === 2 ? new InputError(text, { cause }) : new Error(text, { cause }));
      });
    const onError = (error: Error) => settle(() => reject(error)); // it could not be started
    const settle = (how: () => void) => {
      child.off("message", onMessage).off("close", onClose).off("error", onError);
      how();
    };
    child.on("message", onMessage).on("close", onClose).on("error", onError);
    send(child, order);
  });
}
