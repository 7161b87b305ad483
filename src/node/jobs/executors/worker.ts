/**
 * One process of the local executor: does a half of a job after another, as it is told.
 *
 * It ends when its parent does: a run in hand is saved first. A job that fails ends it, for nobody
 * knows what such a job leaves behind.
 */
import { on } from "node:events";
import type { StartedEngine } from "../../../engine/index.ts";
import { isInputError, messageOf } from "../../../errors.ts";
import { startEngine } from "../../native/engines.ts";
import type { Taken, WorkEvent } from "../events.ts";
import { readJob } from "../job.ts";
import type { JobResult } from "../probe-model.ts";
import { EXIT_INTERRUPTED, SIGNALS } from "../signals.ts";
import { type JobContext, takeModel } from "../take-model.ts";
import { LANES } from "./executor.ts";

/** What a worker process is started with. */
export interface WorkerOptions {
  readonly engine: StartedEngine["name"];
  readonly threads: number;
}

/** What a parent asks for: the model of a job, or the probes of the directory that it has ended in. */
export type Order =
  | { readonly kind: "take"; readonly job: unknown }
  | { readonly kind: "probe"; readonly job: unknown; readonly directory: string };

/** What a parent sends. */
export type ToWorker = Order | { readonly kind: "stop" };

export type Answer = Taken | JobResult | undefined;

/** What a worker sends. After a failure it says so on stderr, and ends. */
export type FromWorker =
  | { readonly kind: "event"; readonly event: WorkEvent }
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly message: string; readonly isInput: boolean };

/**
 * Serves the parent process until it lets go.
 *
 * @throws what the job threw; the caller reports it and exits
 * @example
 * const worker = () => serve({ engine: "cpu", threads: 1 }); // in worker.js, which an executor starts
 * assert.equal(typeof worker, "function");
 */
export async function serve({ engine: name, threads }: WorkerOptions): Promise<void> {
  let doing: ToWorker["kind"] | undefined;
  const stop = new AbortController();
  const onStop = () => {
    if (doing === "probe") process.exit(EXIT_INTERRUPTED); // the answers before this one are saved
    stop.abort();
  };
  // Ctrl-C reaches this process too; when to stop, and that once, is for the parent to say.
  for (const signal of SIGNALS) process.on(signal, () => {});
  process.on("message", ({ kind }: ToWorker) => kind === "stop" && onStop());
  process.on("disconnect", onStop);
  const orders = on(process, "message", { close: ["disconnect"] }); // keeps those that come before the engine is there
  const engine = await startEngine(name, { threads, lanes: LANES });
  const onEvent = (event: WorkEvent) => void send({ kind: "event", event });
  for await (const [message] of orders) {
    const order = message as ToWorker; // this process has no other parent than local.ts
    if (order.kind === "stop") break;
    doing = order.kind;
    await send({ kind: "answer", answer: await done(order, { engine, signal: stop.signal, onEvent }) });
    doing = undefined;
  }
  if (process.connected) process.disconnect();
}

async function done(order: Order, context: JobContext): Promise<Answer> {
  try {
    const job = readJob(order.job, "job");
    if (order.kind === "take") return await takeModel(job, context);
    const { probeModel } = await import("../probe-model.ts"); // a sweep without probes needs none of them
    return await probeModel(job, order.directory, context);
  } catch (error) {
    await send({ kind: "failed", message: messageOf(error), isInput: isInputError(error) }); // before it ends: what is not sent is lost
    throw error;
  }
}

/** Settles when it is sent, or cannot be: a parent that is gone needs nothing. */
const send = (message: FromWorker): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
