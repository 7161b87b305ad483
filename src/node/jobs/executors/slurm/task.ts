/**
 * One task of an array: its job from the manifest, the result beside it.
 *
 * It sets nothing up and fetches nothing: hundreds would do so at once. What its node lacks is said
 * once for all (refusal.mjs).
 */
import type { StartedEngine } from "../../../../engine/index.ts";
import { InputError, isInputError, messageOf } from "../../../../errors.ts";
import { DownloadForbidden, forbidDownloads } from "../../../files/pip.ts";
import { startEngine } from "../../../native/engines.ts";
import type { WorkEvent } from "../../events.ts";
import { type Job, readJob } from "../../job.ts";
import { probeModel } from "../../probe-model.ts";
import { EXIT_INTERRUPTED, SIGNALS } from "../../signals.ts";
import { takeModel } from "../../take-model.ts";
import { LANES } from "../executor.ts";
import { nodeName, refuse } from "./refusal.mjs";
import { EXIT_REFUSED } from "./rows.ts";
import { readSubmission, type SubmissionRecord, writeResult } from "./submission.ts";

/** Who a task is: `SLURM_ARRAY_JOB_ID` and `SLURM_ARRAY_TASK_ID` of its environment. */
export interface TaskId {
  readonly array: string;
  readonly index: number;
}

/** @throws InputError where this is no task of an array */
export function taskOf(environment: NodeJS.ProcessEnv = process.env): TaskId {
  const { SLURM_ARRAY_JOB_ID: array = "", SLURM_ARRAY_TASK_ID: index = "" } = environment;
  if (/^\d+$/.test(array) && /^\d{1,9}$/.test(index)) return { array, index: Number(index) };
  throw new InputError("slurm: this is no task of an array; ablate --executor slurm submits them");
}

/**
 * @param hear hears what the job does
 * @returns the exit code
 */
export async function runTask(
  folder: string,
  { array, index }: TaskId,
  hear: (job: Job, event: WorkEvent) => void,
): Promise<number> {
  const { manifest, record } = readSubmission(folder);
  if (!isOf(record, array)) return 0;
  forbidDownloads(`a task on ${nodeName()} fetches nothing`);
  let engine: StartedEngine;
  try {
    engine = await startEngine(manifest.engine, { threads: manifest.threads, lanes: LANES });
  } catch (error) {
    refuse(folder, messageOf(error));
    return EXIT_REFUSED;
  }
  try {
    const job = readJob(manifest.jobs[index], `${folder}: job ${index}`);
    return await done(folder, index, job, engine, (event) => hear(job, event));
  } catch (error) {
    if (isForbidden(error)) {
      refuse(folder, messageOf(error));
      return EXIT_REFUSED;
    }
    process.stderr.write(`${messageOf(error)}\n`);
    await writeResult(folder, index, { failed: messageOf(error), isInput: isInputError(error) });
    return isInputError(error) ? 2 : 1;
  }
}

/** An array of which nobody knows does nothing: another one was submitted in its place. */
const isOf = ({ status, array }: SubmissionRecord, mine: string) =>
  status === "submitting" || (status === "submitted" && array === mine);

/** Slurm ends a task by SIGTERM, and kills it some time later: it saves its state between. */
async function done(
  folder: string,
  index: number,
  job: Job,
  engine: StartedEngine,
  onEvent: (event: WorkEvent) => void,
): Promise<number> {
  const stop = new AbortController();
  let isProbing = false;
  const onSignal = () => {
    if (isProbing) process.exit(EXIT_INTERRUPTED); // the answers before this one are saved
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const context = { engine, signal: stop.signal, onEvent };
  const { directory, outcome } = await takeModel(job, context);
  if (outcome === "interrupted" || stop.signal.aborted) return EXIT_INTERRUPTED;
  isProbing = true;
  const result = await probeModel(job, directory, context);
  if (result === undefined) return EXIT_INTERRUPTED;
  await writeResult(folder, index, { outcome, result });
  return 0;
}

function isForbidden(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DownloadForbidden) return true;
  return false;
}
