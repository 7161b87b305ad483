/** What runs jobs, wherever it runs them: in processes of this machine (local.ts), or on others. */
import type { WorkEvent } from "../events.ts";
import type { Job } from "../job.ts";
import type { JobResult } from "../probe-model.ts";

/** What is heard of one of several jobs. */
export type JobEvent = (WorkEvent | JobOutcome) & {
  /** Index of the job. */
  readonly job: number;
};

/**
 * Parts of a training step that a process of an executor runs at the same time: sums in parts are
 * other sums, and a run's bits are not to depend on how many run beside it.
 */
export const LANES = 1;

/** How a job ended. Interrupted ones are taken up where they stopped by the same job. */
export type JobOutcome =
  | { readonly kind: "done"; readonly result: JobResult }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly error: Error };

/** How a run of jobs is heard of and stopped. */
export interface ExecutorOptions {
  /** Aborted: what is in hand is saved, and the rest is not begun. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
  /** Whether a job that fails stops the others; left out, they go on to their ends. */
  readonly stopAtFailure?: boolean | undefined;
}

/** Where jobs are run. */
export interface Executor {
  /**
   * @returns outcomes in the order of the jobs, once all have ended; a job that fails is an
   * outcome, not a rejection
   */
  run(jobs: readonly Job[], options?: ExecutorOptions): Promise<JobOutcome[]>;
}

/**
 * The results, in the order of the jobs; undefined where some were interrupted.
 *
 * @throws the error of the first job that failed
 * @example
 * assert.equal(requireDone([{ kind: "interrupted" }]), undefined);
 * assert.throws(() => requireDone([{ kind: "failed", error: new Error("no memory") }]), /no memory/);
 */
export function requireDone(outcomes: readonly JobOutcome[]): JobResult[] | undefined {
  for (const outcome of outcomes) if (outcome.kind === "failed") throw outcome.error;
  const results = outcomes.flatMap((outcome) => (outcome.kind === "done" ? [outcome.result] : []));
  return results.length === outcomes.length ? results : undefined;
}
