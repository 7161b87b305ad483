/** Looks at a submitted array until all its tasks have ended, or somebody wants to leave. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../../../errors.ts";
import type { JobOutcome } from "../executor.ts";
import { type Asked, askFor, type Exec, order } from "./commands.ts";
import { statesText, type TaskRow, whyNever } from "./rows.ts";
import { type Memory, nothingSeen, type Step, stepsOf } from "./steps.ts";
import { logFolder, refusalIn, resultsIn, type Submission, type TaskResult } from "./submission.ts";

/** Says that an array was cancelled, and what is to be mended. */
export class ArrayCancelled extends InputError {}

/** A submission that has the id of its array. */
export type Submitted = Submission & { readonly array: string };

/** Who looks, and at what intervals. */
export interface Watcher {
  readonly exec: Exec;
  /** Aborted: tasks go on without this process. */
  readonly signal?: AbortSignal | undefined;
  /** Leaves after the first look. */
  readonly detach: boolean;
  readonly tell: (text: string) => void;
  /** Hears how a job of the submission ended; not of one whose end nobody knows. */
  readonly onEnd: (index: number, ended: JobOutcome, result?: TaskResult) => void;
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
  readonly now?: (() => number) | undefined;
}

/** A look costs the controller little, but it is everybody's: a twentieth of the time since the first. */
const [SOONEST_MS, LATEST_MS, SHARE] = [1_000, 30_000, 20];
/** Words about tasks under way come no sooner. */
const QUIET_MS = 30_000;
/** How often in a row Slurm has to say what ends the waiting. */
const SURE = 3;

interface Following {
  readonly submission: Submitted;
  readonly watcher: Watcher;
  /** Tasks without an end. */
  readonly waiting: Set<number>;
  readonly memory: Memory;
  rows: ReadonlyMap<number, TaskRow>;
  away: boolean;
  unknown: number;
  never: number;
  said: { readonly text: string; readonly at: number };
}

/**
 * @returns "ended" when every task has ended; "left" where tasks go on without this process
 * @throws ArrayCancelled where a node can run no task, or none will ever start
 */
export async function follow(submission: Submitted, watcher: Watcher): Promise<"ended" | "left"> {
  const { now = () => performance.now(), signal, tell } = watcher;
  const pause = watcher.pause ?? ((ms: number) => sleep(ms, undefined, { signal }).catch(() => {}));
  const began = now();
  const following: Following = {
    ...{ submission, watcher, memory: nothingSeen(), rows: new Map() },
    waiting: new Set(submission.manifest.jobs.keys()),
    ...{ away: false, unknown: 0, never: 0, said: { text: "", at: Number.NEGATIVE_INFINITY } },
  };
  for (;;) {
    await look(following, now());
    if (following.waiting.size === 0) return "ended";
    if (signal?.aborted || watcher.detach) {
      const { array } = submission;
      tell(
        `slurm: array ${array} goes on without this command: ${textOf(following)}; the same command comes back to it, scancel ${array} ends it`,
      );
      return "left";
    }
    await pause(Math.min(LATEST_MS, Math.max(SOONEST_MS, (now() - began) / SHARE)));
  }
}

async function look(following: Following, now: number): Promise<void> {
  const { submission, watcher, waiting, memory } = following;
  const asked = await askFor(watcher.exec, submission.array, submission.record.name);
  takeResults(following); // after the rows: a task that they say has ended has written its own
  if (waiting.size === 0) return;
  const refusal = refusalIn(submission.folder);
  if (refusal !== undefined) await cancel(following, refusal, mendNode(/^([\w.-]+): /.exec(refusal)?.[1]));
  if (!isSure(following, asked)) return;
  const rows = asked.kind === "rows" ? asked.rows : undefined;
  following.rows = rows ?? new Map();
  for (const [index, step] of stepsOf(waiting, rows, memory, now)) await take(following, index, step);
  const never = whyNever(following.rows.values());
  following.never = never === undefined ? 0 : following.never + 1;
  if (following.never >= SURE) await cancel(following, `no task will ever start (${never})`, MEND_ARGUMENTS);
  if (waiting.size > 0 && !watcher.detach) say(following, now);
}

/** Whether what Slurm says can be gone by: a controller that is away may come back. */
function isSure(following: Following, asked: Asked): boolean {
  const { watcher } = following;
  if (asked.kind === "away" && !following.away)
    watcher.tell(`slurm: does not answer (${asked.why}); asks again, tasks go on meanwhile`);
  following.away = asked.kind === "away";
  following.unknown = asked.kind === "unknown" ? following.unknown + 1 : 0;
  if (asked.kind === "unknown") return following.unknown >= SURE || watcher.detach;
  return asked.kind === "rows";
}

function takeResults({ submission, waiting, watcher }: Following): void {
  const isKnown = { has: (index: number) => !waiting.has(index) };
  for (const [index, result] of resultsIn(submission.folder, isKnown)) {
    waiting.delete(index);
    watcher.onEnd(index, outcomeOf(result, logOf(submission, index)), result);
  }
}

function outcomeOf(result: TaskResult, log: string): JobOutcome {
  if ("result" in result) return { kind: "done", result: result.result };
  const text = `${result.failed} (${log})`;
  return { kind: "failed", error: result.isInput ? new InputError(text) : new Error(text) };
}

const logOf = ({ folder, array }: Submitted, index: number) =>
  join(logFolder(folder), `${array}_${index}.log`);

async function take(following: Following, index: number, step: Step): Promise<void> {
  const { submission, watcher, waiting } = following;
  const [task, { name = "" } = {}] = [`${submission.array}_${index}`, submission.manifest.jobs[index]];
  const end = (outcome: JobOutcome) => {
    waiting.delete(index);
    watcher.onEnd(index, outcome);
  };
  const told = `its task ${task}`;
  switch (step.kind) {
    case "requeue": {
      watcher.tell(`slurm: ${name}: ${told} ${step.why}; starts it again`);
      const refused = await order(watcher.exec, ["scontrol", "requeue", task]);
      if (refused !== undefined)
        end({
          kind: "failed",
          error: new Error(`${told} ${step.why}, and scontrol requeue says: ${refused}`),
        });
      return;
    }
    case "release":
      await order(watcher.exec, ["scontrol", "release", task]);
      return;
    case "cancelled":
      return end({ kind: "interrupted" });
    case "gone":
      waiting.delete(index);
      return;
    case "failed": {
      const text = `${told} ${step.why}; ${step.advice} (${logOf(submission, index)})`;
      return end({ kind: "failed", error: new InputError(text) });
    }
    case "refused":
      return cancel(following, `${step.why} (task ${task})`, mendNode());
  }
}

const mendNode = (node = "NODE") => `mend it, or leave the node out: --slurm "--exclude=${node}"`;
const MEND_ARGUMENTS = "give other arguments of sbatch: --slurm";

/** Tasks that run save their state: the same command takes them up. */
async function cancel(
  { submission, watcher, waiting }: Following,
  why: string,
  advice: string,
): Promise<never> {
  const { array, manifest } = submission;
  await order(watcher.exec, ["scancel", array]);
  const [all, ended] = [manifest.jobs.length, manifest.jobs.length - waiting.size];
  throw new ArrayCancelled(
    `slurm: ${why}; array ${array} is cancelled with ${ended} of ${all} tasks ended, which stay: ${advice}, then run the same command again`,
  );
}

function say(following: Following, now: number): void {
  const text = textOf(following);
  const { said, submission, watcher } = following;
  if (text === said.text || now - said.at < QUIET_MS) return;
  following.said = { text, at: now };
  watcher.tell(`slurm: array ${submission.array}: ${text}`);
}

function textOf({ submission, waiting, rows }: Following): string {
  const all = submission.manifest.jobs.length;
  const under = [...waiting].flatMap((index) => rows.get(index) ?? []);
  return `${all - waiting.size} of ${all} tasks ended, ${statesText(under)}`;
}
