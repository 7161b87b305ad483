/**
 * What `squeue` says of the tasks of an array, and what follows from it for each task.
 *
 * Observed with Slurm 22.05: finished tasks are shown for MinJobAge seconds alone, one task after
 * another; COMPLETING does not say yet how a task ended; a task that was cancelled while it was
 * pending vanishes.
 */

/** One task, as `squeue` shows it. */
export interface TaskRow {
  readonly state: string;
  /** As wait(2) gives it: exit code × 256 + signal. */
  readonly status: number;
  /** How often Slurm has started it again. */
  readonly restarts: number;
  /** Why it is pending, or ended as it did. */
  readonly reason: string;
}

const FIELDS = ["ArrayJobID", "ArrayTaskID", "Name", "State", "exit_code", "RestartCnt", "Reason"];

/** Of `squeue -O`: whole values, with `|` after each. */
export const FORMAT = FIELDS.map((field) => `${field}:|`).join(",");

/**
 * Rows by index of the task.
 *
 * @param name of the job: after a crash the controller gives ids again, to other people's jobs too
 */
export function parseRows(output: string, array: string, name: string): Map<number, TaskRow> {
  const rows = new Map<number, TaskRow>();
  for (const line of output.split("\n")) {
    const [id, index, ofName, state, status, restarts, reason] = line.split("|").map((cell) => cell.trim());
    if (id !== array || ofName !== name || !/^\d+$/.test(index ?? "") || state === undefined) continue;
    rows.set(Number(index), {
      state,
      status: Number(status) || 0,
      restarts: Number(restarts) || 0,
      reason: reason ?? "",
    });
  }
  return rows;
}

/** The exit code of a task whose node cannot run any, such as one without the engine. */
export const EXIT_REFUSED = 3;

/** What follows from a row, as long as the task has left no result. */
export type Fate =
  | { readonly kind: "going" }
  /** By itself: its result is there, or will be as soon as the file system shows it. */
  | { readonly kind: "ended" }
  | { readonly kind: "cancelled" }
  /** It is to be started again: `scontrol requeue`. */
  | { readonly kind: "lost"; readonly why: string }
  /** Slurm holds it back after a failed start: `scontrol release`. */
  | { readonly kind: "held" }
  /** It would end so again. */
  | { readonly kind: "failed"; readonly why: string; readonly advice: string }
  /** Its node can run no task. */
  | { readonly kind: "refused"; readonly why: string };

/** How often a task is started again that was killed, or ended without a word. */
const MOST_RESTARTS = 3;
/** How often one is that ran out of time, or lost its node: each time it goes on from its last saved step. */
const MOST_CONTINUATIONS = 20;

/** The signal with which Slurm reports that the log could not be opened: the task was never started. */
const NO_LOG = 53;
const EXIT_STOPPED = 130;

/** What follows for a task that has left no result. */
export function fateOf(row: TaskRow): Fate {
  switch (row.state) {
    case "COMPLETED":
      return { kind: "ended" };
    case "CANCELLED":
      return { kind: "cancelled" };
    case "FAILED":
      return fateOfFailed(row);
    case "DEADLINE":
      return { kind: "failed", why: "missed its deadline", advice: "give another --deadline, or none" };
    case "TIMEOUT":
      return again(row, MOST_CONTINUATIONS, "ran out of time", 'give more: --slurm "--time=…"');
    case "NODE_FAIL":
    case "BOOT_FAIL":
    case "PREEMPTED":
      return again(row, MOST_CONTINUATIONS, "lost its node", "look for it with sinfo");
    case "OUT_OF_MEMORY":
      return { kind: "failed", why: "ran out of memory", advice: 'give more: --slurm "--mem=…"' };
    default:
      return row.state === "PENDING" && /requeued held/.test(row.reason)
        ? heldOrFailed(row)
        : { kind: "going" };
  }
}

function fateOfFailed(row: TaskRow): Fate {
  const [code, signal] = [row.status >> 8, row.status & 0x7f];
  if (signal === NO_LOG)
    return { kind: "refused", why: "a node cannot write the log: it does not share the sweep's folder" };
  if (signal !== 0) return again(row, MOST_RESTARTS, `was killed by signal ${signal}`, "see its log");
  if (code === EXIT_REFUSED) return { kind: "refused", why: "a node cannot run tasks" };
  if (code === EXIT_STOPPED) return again(row, MOST_CONTINUATIONS, "was stopped", "see its log");
  if (code === 1 || code === 2) return { kind: "ended" }; // it says why in its result
  return again(row, MOST_RESTARTS, `ended with exit code ${code}`, "see its log");
}

function again({ restarts }: TaskRow, most: number, why: string, advice: string): Fate {
  if (restarts < most) return { kind: "lost", why };
  return { kind: "failed", why: `${why}, after ${restarts} restarts`, advice };
}

const heldOrFailed = (row: TaskRow): Fate =>
  row.restarts < MOST_RESTARTS
    ? { kind: "held" }
    : { kind: "failed", why: `is held back: ${row.reason}`, advice: "see the log of its node's slurmd" };

/** Reasons that do not go away by themselves: nothing that is submitted so will ever run. */
const NEVER: ReadonlySet<string> = new Set([
  ...["BadConstraints", "DependencyNeverSatisfied", "InvalidAccount", "InvalidQOS"],
  ...["PartitionConfig", "PartitionNodeLimit", "PartitionTimeLimit"],
]);

/** Why no task will ever start, where that is so. */
export function whyNever(rows: Iterable<TaskRow>): string | undefined {
  const reasons = new Set<string>();
  for (const { state, reason } of rows) {
    if (state === "PENDING" && !NEVER.has(reason)) return undefined;
    if (state === "PENDING") reasons.add(reason);
    else if (fateOf({ state, reason, status: 0, restarts: 0 }).kind === "going") return undefined;
  }
  return reasons.size === 0 ? undefined : [...reasons].join(", ");
}

/** Such as "2 running, 25 pending (Resources)", of those that have not ended. */
export function statesText(rows: Iterable<TaskRow>): string {
  const [counts, reasons] = [new Map<string, number>(), new Set<string>()];
  for (const row of rows) {
    if (fateOf(row).kind !== "going" && fateOf(row).kind !== "held") continue;
    counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
    if (row.state === "PENDING" && row.reason !== "None" && row.reason !== "") reasons.add(row.reason);
  }
  const of = (state: string, count: number) =>
    `${count} ${state.toLowerCase()}${state === "PENDING" && reasons.size > 0 ? ` (${[...reasons].join(", ")})` : ""}`;
  return [...counts].map(([state, count]) => of(state, count)).join(", ") || "none under way";
}
