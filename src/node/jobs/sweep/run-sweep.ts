/** Trains and probes the runs of a sweep, and gathers what they measured. */

import type { ComparedRun } from "../../../compare/questions.ts";
import { isInputError } from "../../../errors.ts";
import { encodingName } from "../../../model/position-fields.ts";
import type { Own } from "../../run/own/index.ts";
import type { Executor, ExecutorOptions, JobOutcome } from "../executors/executor.ts";
import { type Job, trainingJob } from "../job.ts";
import { knownLosses } from "../known-losses.ts";
import type { JobResult } from "../probe-model.ts";
import { claimDirectory, runDirectory } from "./directory.ts";
import type { PlannedRun, SweepPlan } from "./plan.ts";

export interface SweepOptions extends Pick<ExecutorOptions, "signal" | "onEvent"> {
  readonly directory: string;
  readonly executor: Executor;
  readonly own?: Own | undefined;
  /** Hears of runs that failed and are tried once more. */
  readonly onRetry?: (runs: readonly PlannedRun[]) => void;
}

/** How a sweep ended. */
export interface SweepResult {
  readonly runs: readonly ComparedRun[];
  readonly failed: readonly { readonly run: PlannedRun; readonly error: Error }[];
  /** Runs that were stopped, or not begun: the same sweep goes on with them. */
  readonly interrupted: readonly PlannedRun[];
}

/**
 * Runs that were finished are not trained again, and answers that are kept are not asked again: the
 * same call goes on.
 *
 * A run whose process ended in a crash is tried once more, when all others have ended. One with bad
 * input is not.
 *
 * @throws InputError where the directory is not the plan's
 */
export async function runSweep(plan: SweepPlan, options: SweepOptions): Promise<SweepResult> {
  const { directory, own, signal } = options;
  await claimDirectory(directory, plan);
  const jobs = plan.runs.map((run): Job => {
    const job = trainingJob(run.preset, plan.probes, {
      ...{ own, probeFiles: plan.probeFiles, sizes: plan.sizes, out: runDirectory(directory, run) },
    });
    const probes = job.probes.map((probe) => ({ ...probe, optional: true })); // by what the run's data offers
    return { ...job, probes, name: nameOf(run) };
  });
  const outcomes = await attempt(jobs, [...jobs.keys()], options);
  const crashed = [...jobs.keys()].filter((i) => isCrash(outcomes.get(i)));
  if (crashed.length > 0 && !signal?.aborted) {
    options.onRetry?.(crashed.map((i) => plan.runs[i] as PlannedRun));
    for (const [i, outcome] of await attempt(jobs, crashed, options)) outcomes.set(i, outcome);
  }
  return resultOf(plan, outcomes, options);
}

/** What progress and failures call a run. */
export const nameOf = ({ condition, data, preset }: PlannedRun): string =>
  [condition, data, `seed ${preset.seed}`].filter(Boolean).join(", ");

/** @param wanted indices of jobs */
async function attempt(
  jobs: readonly Job[],
  wanted: readonly number[],
  { executor, signal, onEvent = () => {} }: SweepOptions,
): Promise<Map<number, JobOutcome>> {
  const some = wanted.map((i) => jobs[i] as Job);
  const outcomes = await executor.run(some, {
    signal,
    onEvent: (event) => onEvent({ ...event, job: wanted[event.job] as number }),
  });
  return new Map(outcomes.map((outcome, k) => [wanted[k] as number, outcome]));
}

const isCrash = (outcome: JobOutcome | undefined) =>
  outcome?.kind === "failed" && !isInputError(outcome.error);

function resultOf(
  plan: SweepPlan,
  outcomes: ReadonlyMap<number, JobOutcome>,
  { onEvent = () => {} }: Pick<SweepOptions, "onEvent">,
): SweepResult {
  const of = <K extends JobOutcome["kind"]>(kind: K) =>
    plan.runs.flatMap((run, i) => {
      const outcome = outcomes.get(i);
      return outcome?.kind === kind ? [{ run, outcome: outcome as Extract<JobOutcome, { kind: K }> }] : [];
    });
  return {
    runs: of("done").map(({ run, outcome }) => {
      const tell = (text: string) => onEvent({ kind: "tell", text, job: plan.runs.indexOf(run) });
      return comparedRun(run, outcome.result, tell);
    }),
    failed: of("failed").map(({ run, outcome }) => ({ run, error: outcome.error })),
    interrupted: of("interrupted").map(({ run }) => run),
  };
}

function comparedRun(
  { preset, condition, data }: PlannedRun,
  { directory, parameters, measurements }: JobResult,
  tell: (text: string) => void,
): ComparedRun {
  return {
    ...{ condition, data, parameters },
    encoding: encodingName(preset.model),
    seed: preset.seed,
    context: preset.model.context,
    measurements: Object.values(measurements).flat(),
    ...{ config: preset, validation: knownLosses(directory, tell) },
  };
}
