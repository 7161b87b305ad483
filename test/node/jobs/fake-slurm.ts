/** Slurm as the executor meets it: an array whose tasks take a state further at each look. */
import type { Outcome } from "../../../src/node/files/command.ts";
import type { Exec } from "../../../src/node/jobs/executors/slurm/commands.ts";
import {
  readSubmission,
  type TaskEnd,
  writeResult,
} from "../../../src/node/jobs/executors/slurm/submission.ts";
import type { Job } from "../../../src/node/jobs/job.ts";

/** How a start of a task ends: with a result, or as a row of squeue. */
export type End = TaskEnd | { readonly state: string; readonly status?: number; readonly reason?: string };

interface Task {
  state: string;
  status: number;
  restarts: number;
  reason: string;
}

interface Submitted {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly jobs: readonly Job[];
  readonly tasks: Map<number, Task>;
}

export interface FakeSlurm {
  readonly exec: Exec;
  /** The commands that were run. */
  readonly said: string[];
  readonly arrays: Submitted[];
  /** What the next commands answer instead of doing anything. */
  readonly answers: Outcome[];
}

const ok = (output = ""): Outcome => ({ code: 0, output, signal: null });
const bad = (output: string): Outcome => ({ code: 1, output, signal: null });

/**
 * @param ends says how a start of a job ends: 0 for the first, restarts counted on
 * @param most MaxArraySize
 */
export function fakeSlurm(ends: (job: Job, start: number) => End, most = 1001): FakeSlurm {
  const [said, arrays, answers]: [string[], Submitted[], Outcome[]] = [[], [], []];
  const taskOf = (task = "") => {
    const [id, index] = task.split("_");
    return arrays.find((array) => array.id === id)?.tasks.get(Number(index));
  };
  const exec: Exec = async (command) => {
    const [program, ...args] = command;
    said.push(command.join(" "));
    const answer = answers.shift();
    if (answer !== undefined) return answer;
    if (program === "sbatch") return sbatch(args, arrays);
    if (program === "squeue") return squeue(args, arrays, ends);
    if (program === "scancel") return cancel(arrays, args[0]);
    const task = taskOf(args[1]);
    if (args[0] === "show") return ok(`MaxArraySize            = ${most}\n`);
    if (task === undefined || task.state === "PENDING") return bad("Job is pending execution");
    Object.assign(task, { state: "PENDING", restarts: task.restarts + 1, reason: "BeginTime" });
    return ok();
  };
  return { exec, said, arrays, answers };
}

function sbatch(args: readonly string[], arrays: Submitted[]): Outcome {
  const value = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? "";
  const [folder = ""] = args.slice(-2);
  const id = String(100 + arrays.length);
  const last = Number(/^0-(\d+)/.exec(value("array"))?.[1]);
  const tasks = Array.from({ length: last + 1 }, (_, index): [number, Task] => [
    index,
    { state: "PENDING", status: 0, restarts: 0, reason: "None" },
  ]);
  const { jobs } = readSubmission(folder).manifest;
  arrays.push({ id, name: value("job-name"), folder, jobs, tasks: new Map(tasks) });
  return ok(`sbatch: warning: of the site\n${id}\n`);
}

async function squeue(
  args: readonly string[],
  arrays: readonly Submitted[],
  ends: (job: Job, start: number) => End,
): Promise<Outcome> {
  const name = args.find((arg) => arg.startsWith("--name="))?.slice("--name=".length);
  const array = arrays.find((one) => one.name === name || one.id === args[args.indexOf("-j") + 1]);
  if (array === undefined)
    return name === undefined ? bad("slurm_load_jobs error: Invalid job id specified") : ok();
  for (const [index, task] of array.tasks) {
    if (task.state === "RUNNING") await endTask(array, index, task, ends);
    else if (task.state === "PENDING" && task.reason !== "PartitionConfig") task.state = "RUNNING";
  }
  const rows = [...array.tasks].map(([index, { state, status, restarts, reason }]) =>
    [array.id, index, array.name, state, status, restarts, reason, ""].join("|"),
  );
  return ok(rows.join("\n"));
}

async function endTask(
  { folder, jobs }: Submitted,
  index: number,
  task: Task,
  ends: (job: Job, start: number) => End,
): Promise<void> {
  const end = ends(jobs[index] as Job, task.restarts);
  if ("state" in end) return void Object.assign(task, { status: 0, reason: "None" }, end);
  await writeResult(folder, index, end);
  task.state = "failed" in end ? "FAILED" : "COMPLETED";
  task.status = "failed" in end ? 256 : 0;
}

function cancel(arrays: readonly Submitted[], id: string | undefined): Outcome {
  for (const task of arrays.find((array) => array.id === id)?.tasks.values() ?? [])
    if (["PENDING", "RUNNING"].includes(task.state)) task.state = "CANCELLED";
  return ok();
}

/** What a test says of commands, without paths. */
export const programsOf = (said: readonly string[]): string[] =>
  said.map((line) => line.split(" ").slice(0, 2).join(" ")).filter((line) => !line.startsWith("squeue"));
