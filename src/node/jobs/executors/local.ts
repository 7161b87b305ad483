/**
 * Jobs in processes side by side on this machine.
 *
 * A training step of a small model has too little work for two threads: two processes of one thread
 * do more than one process of two.
 */
import { totalmem } from "node:os";
import type { Taken } from "../events.ts";
import type { Job } from "../job.ts";
import type { JobResult } from "../probe-model.ts";
import type { Executor, ExecutorOptions, JobEvent, JobOutcome } from "./executor.ts";
import { openQueue, type Queue, shapeOfJob } from "./queue.ts";
import type { Answer, Order, WorkerOptions } from "./worker.ts";
import { openWorker, type Worker, type WorkerCommand } from "./worker-process.ts";

/** A process takes up to 1 GB. */
const BYTES = 2 * 2 ** 30;

/** How many processes share `threads` threads, and how many threads each of them has. */
export function shareOf(threads: number, jobs: number, memory = totalmem()) {
  const workers = Math.max(1, Math.min(threads, jobs, Math.floor(memory / BYTES)));
  return { workers, threads: Math.floor(threads / workers) };
}

/** How many processes of this machine run jobs, and how they are started. */
export interface LocalOptions extends WorkerOptions {
  /** Processes side by side. */
  readonly workers: number;
  /** What starts one: a script that calls `serve` with the JSON of its last argument. */
  readonly command: WorkerCommand;
}

/**
 * The executor of this machine.
 *
 * @example
 * const command = { script: "worker.js", args: [] };
 * const executor = localExecutor({ engine: "cpu", threads: 1, workers: 1, command });
 * assert.deepEqual(await executor.run([]), []);
 */
export function localExecutor(options: LocalOptions): Executor {
  return { run: (jobs, given = {}) => runIn(options, jobs, given) };
}

/** What the processes of one call have in common. */
interface Pool {
  readonly jobs: readonly Job[];
  readonly options: LocalOptions;
  readonly untaken: Queue;
  readonly unprobed: Queue;
  /** Of jobs that have their model. */
  readonly directories: Map<number, string>;
  readonly outcomes: JobOutcome[];
  readonly workers: Set<Worker>;
  readonly onEvent: (event: JobEvent) => void;
  readonly onFailure: () => void;
}

async function runIn(
  options: LocalOptions,
  jobs: readonly Job[],
  { signal, onEvent = () => {}, stopAtFailure = false }: ExecutorOptions,
): Promise<JobOutcome[]> {
  const stop = () => {
    pool.untaken.clear();
    pool.unprobed.clear();
    for (const worker of pool.workers) worker.stop();
    stopped = true;
  };
  let stopped = false;
  const [shapes, at] = [jobs.map(shapeOfJob), new Map<number, string>()];
  const pool: Pool = {
    ...{ jobs, options, onEvent, directories: new Map(), workers: new Set() },
    untaken: openQueue(shapes, at, jobs.keys()),
    unprobed: openQueue(shapes, at),
    outcomes: jobs.map(() => ({ kind: "interrupted" })),
    onFailure: () => stopAtFailure && stop(),
  };
  if (signal?.aborted) return pool.outcomes;
  signal?.addEventListener("abort", stop);
  try {
    const processes = Math.min(options.workers, jobs.length);
    await Promise.all(Array.from({ length: processes }, (_, n) => drain(pool, n, () => stopped)));
  } finally {
    signal?.removeEventListener("abort", stop);
    for (const worker of pool.workers) worker.close();
  }
  return pool.outcomes;
}

/** The work of one process. Probes come after all trainings: they are shorter, and end more evenly. */
async function drain(pool: Pool, process: number, isStopped: () => boolean): Promise<void> {
  const ask = asker(pool);
  const { jobs, untaken, unprobed, directories } = pool;
  for (let job = untaken.take(process); job !== undefined; job = untaken.take(process)) {
    const taken = (await ask(job, { kind: "take", job: jobs[job] })) as Taken | undefined;
    if (taken === undefined || taken.outcome === "interrupted" || isStopped()) continue;
    directories.set(job, taken.directory);
    unprobed.add(job);
  }
  for (let job = unprobed.take(process); job !== undefined; job = unprobed.take(process)) {
    const result = await ask(job, {
      ...{ kind: "probe", job: jobs[job], directory: directories.get(job) as string }, // set above
    });
    if (result !== undefined) end(pool, job, { kind: "done", result: result as JobResult });
  }
}

/** Asks one process after another: one that has failed is followed by a new one. */
function asker(pool: Pool): (job: number, order: Order) => Promise<Answer> {
  let worker: Worker | undefined;
  return async (job, order) => {
    if (worker === undefined || !worker.isAlive()) {
      if (worker) pool.workers.delete(worker);
      worker = openWorker(pool.options.command, pool.options);
      pool.workers.add(worker);
    }
    const { name } = pool.jobs[job] as Job;
    try {
      return await worker.ask(name, order, (event) => pool.onEvent({ ...event, job }));
    } catch (error) {
      end(pool, job, { kind: "failed", error: error as Error }); // openWorker throws nothing else
      pool.onFailure();
      return undefined;
    }
  };
}

function end({ outcomes, onEvent }: Pool, job: number, outcome: JobOutcome): void {
  outcomes[job] = outcome;
  onEvent({ ...outcome, job });
}
