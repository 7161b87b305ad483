/**
 * A whole sweep of ours in a process of its own, as `ablate` runs it, but for the report: the engine
 * is started, the plan made, and processes train its runs.
 */
import { localExecutor } from "../../src/node/jobs/executors/local.ts";
import { planSweep, type SweepPlan, type SweepRequest } from "../../src/node/jobs/sweep/plan.ts";
import { runSweep } from "../../src/node/jobs/sweep/run-sweep.ts";
import { engineOfProcesses } from "../engine-option.ts";
import { workerOf } from "../worker-command.ts";

/** What the worker is told. */
export interface SweepCase {
  readonly sweep: SweepRequest;
  /** Processes of one thread, side by side. */
  readonly processes: number;
  readonly directory: string;
}

/** @throws the first error of a run that failed */
export async function sweepOnce({ sweep, processes, directory }: SweepCase): Promise<void> {
  const plan: SweepPlan = planSweep(sweep);
  const { name } = await engineOfProcesses({ engine: "native" });
  const executor = localExecutor({
    engine: name,
    workers: processes,
    threads: 1,
    command: workerOf("bench"),
  });
  const { failed } = await runSweep(plan, { directory, executor });
  const [first] = failed;
  if (first !== undefined) throw first.error;
}
