/** What is to be done about the tasks of an array, from one look at it to the next. */
import { fateOf, type TaskRow } from "./rows.ts";

/** What is to be done about one task that has left no result. */
export type Step =
  | { readonly kind: "requeue"; readonly why: string }
  | { readonly kind: "release" }
  | { readonly kind: "cancelled" }
  /** Nobody knows how it ended: another array does its job. */
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly why: string; readonly advice: string }
  | { readonly kind: "refused"; readonly why: string };

/** What earlier looks have seen, by index of the task; times in milliseconds. */
export interface Memory {
  readonly states: Map<number, string>;
  readonly endedAt: Map<number, number>;
  readonly actedAt: Map<number, number>;
}

export const nothingSeen = (): Memory => ({ states: new Map(), endedAt: new Map(), actedAt: new Map() });

/** A network file system may show a new file after a minute. */
const SHOWN_MS = 90_000;
/** Slurm answers a requeue at once; its next rows may be of before. */
const HEARD_MS = 30_000;
/** As of a task that was killed. */
const MOST_RESTARTS = 3;

/**
 * @param waiting tasks without a result
 * @param rows undefined where Slurm does not know the array any more
 * @param memory is brought up to date
 */
export function stepsOf(
  waiting: Iterable<number>,
  rows: ReadonlyMap<number, TaskRow> | undefined,
  memory: Memory,
  now: number,
): Map<number, Step> {
  const steps = new Map<number, Step>();
  for (const index of waiting) {
    const row = rows?.get(index);
    const step = row === undefined ? absent(index, rows, memory) : stepOf(index, row, memory, now);
    if (row !== undefined) memory.states.set(index, row.state);
    if (step === undefined) continue;
    if (step.kind === "requeue" || step.kind === "release") {
      if (now - (memory.actedAt.get(index) ?? Number.NEGATIVE_INFINITY) < HEARD_MS) continue;
      memory.actedAt.set(index, now);
    }
    steps.set(index, step);
  }
  return steps;
}

/** Slurm drops a task that is cancelled while it is pending, and any task some time after its end. */
function absent(index: number, rows: ReadonlyMap<number, TaskRow> | undefined, memory: Memory): Step {
  const wasPending = memory.states.get(index) === "PENDING";
  return { kind: rows !== undefined && wasPending ? "cancelled" : "gone" };
}

function stepOf(index: number, row: TaskRow, memory: Memory, now: number): Step | undefined {
  const fate = fateOf(row);
  if (fate.kind !== "ended") memory.endedAt.delete(index);
  switch (fate.kind) {
    case "going":
      return undefined;
    case "lost":
      return { kind: "requeue", why: fate.why };
    case "held":
      return { kind: "release" };
    case "ended": {
      const since = memory.endedAt.get(index) ?? now;
      memory.endedAt.set(index, since);
      if (now - since < SHOWN_MS) return undefined;
      memory.endedAt.delete(index);
      const why = "left no result";
      return row.restarts < MOST_RESTARTS
        ? { kind: "requeue", why }
        : { kind: "failed", why, advice: "see its log" };
    }
    default:
      return fate;
  }
}
