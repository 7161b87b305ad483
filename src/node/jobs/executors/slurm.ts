/**
 * Jobs as tasks of a Slurm array, for those who outgrow one machine.
 *
 * What is submitted is put down first, in a folder that the nodes share (slurm/submission.ts). The
 * tasks go on without this process; a later one finds the array by what was put down, so that
 * nothing is submitted twice. Jobs whose tasks are lost for good go into another array.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EngineName } from "../../../engine/index.ts";
import { acquireLock, type Lock } from "../../files/lock.ts";
import { codeHash } from "../../run/asked.ts";
import { unlessAborted } from "../../run/text/turns.ts";
import type { Job } from "../job.ts";
import { fetchFor } from "../prepare.ts";
import type { Executor, ExecutorOptions, JobOutcome } from "./executor.ts";
import {
  type ArrayOptions,
  type Exec,
  execute,
  findArray,
  mostTasks,
  order,
  submitArray,
} from "./slurm/commands.ts";
import { ArrayCancelled, follow, type Submitted } from "./slurm/follow.ts";
import {
  doneBefore,
  keyOf,
  putDown,
  recorded,
  type Submission,
  submissionsIn,
  type TaskResult,
} from "./slurm/submission.ts";

/** Where and how tasks run. */
export interface SlurmOptions extends ArrayOptions {
  /** Where submissions are put down, on a file system that the nodes share. */
  readonly folder: string;
  readonly engine: EngineName;
  /** Threads of a task. */
  readonly threads: number;
  /** Submits or collects, and leaves: jobs that have not ended are interrupted ones. */
  readonly detach: boolean;
  /** Hears of the array as a whole. */
  readonly tell: (text: string) => void;
  /** How Slurm's commands are run, and the time passes; tests give their own. */
  readonly exec?: Exec;
  readonly pause?: (ms: number) => Promise<unknown>;
  readonly now?: () => number;
}

/**
 * The executor of a cluster. Aborting leaves the tasks as they are: their jobs are interrupted ones
 * here, and the next call comes back to them.
 */
export function slurmExecutor(options: SlurmOptions): Executor {
  return { run: (jobs, given = {}) => runIn(options, jobs, given) };
}

/** What one call has in common. */
interface Call {
  readonly options: SlurmOptions & { readonly exec: Exec };
  readonly given: ExecutorOptions;
  readonly jobs: readonly Job[];
  readonly keys: readonly string[];
  readonly outcomes: (JobOutcome | undefined)[];
  readonly lock: Lock;
}

async function runIn(
  options: SlurmOptions,
  jobs: readonly Job[],
  given: ExecutorOptions,
): Promise<JobOutcome[]> {
  const keys = jobs.map((job) => keyOf(options.engine, job));
  const lock = await acquireLock(options.folder, { tell: options.tell });
  const exec = options.exec ?? execute;
  const outcomes = jobs.map(() => undefined);
  const call: Call = { options: { ...options, exec }, given, jobs, keys, outcomes, lock };
  try {
    await unlessAborted(given.signal, () => endAll(call));
  } finally {
    lock.release();
  }
  return call.outcomes.map((outcome) => outcome ?? { kind: "interrupted" });
}

/** Takes up the array that is under way; what is then without an end goes into others. */
async function endAll(call: Call): Promise<void> {
  const { options, given } = call;
  const submissions = submissionsIn(options.folder);
  takeDone(call, doneBefore(submissions.filter(({ record }) => record.status === "ended")));
  const under = submissions[0] && (await underWay(call, submissions[0]));
  let left = under !== undefined && (await watch(call, under)) === "left";
  for (let rest = unended(call); rest.length > 0 && !left && !given.signal?.aborted; rest = unended(call)) {
    left = (await watch(call, await submit(call, rest))) === "left";
    if (unended(call).length === rest.length) break; // nobody knows how any of them ended
  }
}

const unended = ({ outcomes }: Call): number[] =>
  [...outcomes.keys()].filter((i) => outcomes[i] === undefined);

function takeDone(call: Call, done: ReadonlyMap<string, TaskResult>): void {
  for (const [i, key] of call.keys.entries()) {
    const found = done.get(key);
    if (found === undefined || !("result" in found)) continue;
    if (!existsSync(join(found.result.directory, "run.json"))) continue; // somebody wants it trained anew
    end(call, i, { kind: "done", result: found.result }, { ...found, outcome: "skipped" });
  }
}

function end({ outcomes, given }: Call, job: number, outcome: JobOutcome, result?: TaskResult): void {
  outcomes[job] = outcome;
  if (outcome.kind === "done" && result !== undefined && "result" in result)
    given.onEvent?.({ kind: "trained", outcome: result.outcome, directory: result.result.directory, job });
  given.onEvent?.({ ...outcome, job });
}

/** The array that was submitted last, unless it has ended. */
async function underWay({ options, lock }: Call, submission: Submission): Promise<Submitted | undefined> {
  const { record } = submission;
  if (record.status === "submitted" && record.array !== undefined)
    return { ...submission, array: record.array };
  if (record.status !== "submitting") return undefined;
  const array = await findArray(options.exec, submission);
  lock.requireHeld();
  await recorded(submission, {
    ...record,
    ...(array ? { array, status: "submitted" } : { status: "abandoned" }),
  });
  return array === undefined ? undefined : { ...submission, array };
}

async function submit(call: Call, rest: readonly number[]): Promise<Submitted> {
  const { options, jobs, lock, given } = call;
  const { folder, engine, threads, exec, tell } = options;
  const most = await mostTasks(exec);
  const some = rest.slice(0, most).map((i) => jobs[i] as Job);
  if (some.length < rest.length)
    tell(
      `slurm: an array takes ${most} tasks; the other ${rest.length - most} are submitted when these have ended`,
    );
  await fetchFor(some, tell, given.signal);
  lock.requireHeld();
  const submission = await putDown(folder, { engine, threads, jobs: some });
  try {
    const array = await submitArray(exec, submission, options);
    const record = { ...submission.record, array, status: "submitted" } as const;
    await recorded(submission, record);
    tell(
      `slurm: submitted array ${array} of ${some.length} tasks; what they say is in ${join(submission.folder, "log")}`,
    );
    return { ...submission, record, array };
  } catch (error) {
    await recorded(submission, { ...submission.record, status: "abandoned" });
    throw error;
  }
}

/** Follows an array; the record says when it has ended. */
async function watch(call: Call, submission: Submitted): Promise<"ended" | "left"> {
  const { options, given, keys, lock } = call;
  const of = new Map(keys.map((key, i) => [key, i]));
  let failed = false;
  const stop = new AbortController();
  const onEnd = (index: number, outcome: JobOutcome, result?: TaskResult) => {
    const job = submission.manifest.jobs[index];
    const i = job && of.get(keyOf(submission.manifest.engine, job));
    const isOurs = outcome.kind !== "done" || result?.code === codeHash(); // else it is asked anew
    if (i !== undefined && isOurs) end(call, i, outcome, result);
    failed ||= outcome.kind === "failed";
    if (failed && given.stopAtFailure) stop.abort();
  };
  const signal = AbortSignal.any([stop.signal, ...(given.signal ? [given.signal] : [])]);
  const finish = async () => {
    lock.requireHeld();
    await recorded(submission, { ...submission.record, array: submission.array, status: "ended" });
  };
  try {
    const how = await follow(submission, { ...options, signal, onEnd });
    if (how === "left" && stop.signal.aborted) await order(options.exec, ["scancel", submission.array]);
    if (how === "ended" || stop.signal.aborted) await finish();
    return how;
  } catch (error) {
    if (error instanceof ArrayCancelled) await finish();
    throw error;
  }
}
