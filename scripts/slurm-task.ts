/** What a task of an array says goes to its log. */
import { runTask, taskOf } from "../src/node/jobs/executors/slurm/task.ts";
import type { Preset } from "../src/train/preset.ts";
import { jobProgress } from "./job-progress.ts";
import { say } from "./print.ts";

/** @returns the exit code */
export async function task(folder: string): Promise<number> {
  const id = taskOf();
  let show: ReturnType<typeof jobProgress> | undefined;
  say(`task ${id.array}_${id.index}, start ${1 + Number(process.env.SLURM_RESTART_COUNT ?? 0)}`);
  return runTask(folder, id, (job, event) => {
    const preset = "preset" in job.model ? (job.model.preset as Preset) : undefined; // every default is filled in
    if (preset === undefined) return;
    show ??= jobProgress([preset]);
    show({ ...event, job: 0 });
  });
}
