/** The options that say where the runs of a sweep are made: on this machine, or on a cluster. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options } from "yargs";
import { InputError } from "../src/errors.ts";
import type { Executor } from "../src/node/jobs/executors/executor.ts";
import { localExecutor, shareOf } from "../src/node/jobs/executors/local.ts";
import { sbatchArguments } from "../src/node/jobs/executors/slurm/arguments.ts";
import { requireSlurm } from "../src/node/jobs/executors/slurm/commands.ts";
import { slurmExecutor } from "../src/node/jobs/executors/slurm.ts";
import type { EngineFacts } from "../src/node/native/known-start.ts";
import { countOption } from "./number-option.ts";
import { tell } from "./print.ts";
import { workerOf } from "./worker-command.ts";

/** Spread into a command's builder. */
export const executorOptions = {
  executor: {
    choices: ["local", "slurm"] as const,
    default: "local" as const,
    describe: "where runs are made: in processes of this machine, or as tasks of a Slurm array",
  },
  workers: countOption("workers", 1024, {
    describe:
      "runs side by side (default: local by cores and memory, slurm as many as it has room for); their results are the same",
  }),
  slurm: {
    type: "string",
    requiresArg: true,
    describe: 'further arguments of sbatch: --slurm "--partition=x --account=y --time=1:00:00 --mem=4G"',
  },
  detach: {
    type: "boolean",
    default: false,
    describe: "slurm: submit, or say how far it is, and leave; the same command collects",
  },
} as const satisfies Record<string, Options>;

/** What a command gets from it. */
export interface ExecutorArguments {
  readonly executor: "local" | "slurm";
  readonly workers?: number | undefined;
  readonly slurm?: string | undefined;
  readonly detach: boolean;
  readonly threads?: number | undefined;
}

/**
 * What can be known before anything is set up.
 *
 * @throws InputError for options that do not fit, or where Slurm's commands are not there
 */
export function requireExecutor({ executor, slurm, detach }: ExecutorArguments): void {
  if (executor === "slurm") {
    sbatchArguments(slurm ?? "");
    requireSlurm();
  } else if (slurm !== undefined || detach) {
    throw new InputError(`--${detach ? "detach" : "slurm"}: is for --executor slurm; give that too`);
  }
}

/** Where the runs of a sweep are made, and what that is called. */
export interface ChosenExecutor {
  readonly executor: Executor;
  readonly text: string;
}

export function executorOf(
  args: ExecutorArguments,
  engine: EngineFacts,
  runs: number,
  directory: string,
): ChosenExecutor {
  return args.executor === "slurm" ? onCluster(args, engine, directory) : onThisMachine(args, engine, runs);
}

/** @param asked processes; left out, as many as cores and memory allow */
export function onThisMachine(
  { workers: asked }: Pick<ExecutorArguments, "workers">,
  engine: EngineFacts,
  runs: number,
): ChosenExecutor {
  const workers = Math.min(asked ?? shareOf(engine.threads, runs).workers, runs);
  const threads = Math.max(1, Math.floor(engine.threads / workers));
  const executor = localExecutor({ engine: engine.name, workers, threads, command: workerOf("ablate") });
  return { executor, text: `processes side by side: ${workers}, threads each: ${threads}` };
}

/** A step of a small model has too little work for two threads: a task has one, unless more are asked for. */
function onCluster(args: ExecutorArguments, engine: EngineFacts, directory: string): ChosenExecutor {
  const { workers: atOnce, threads = 1, detach } = args;
  const executor = slurmExecutor({
    ...{ folder: join(directory, "slurm"), engine: engine.name, threads, atOnce, detach },
    args: sbatchArguments(args.slurm ?? ""),
    script: join(ROOT, "scripts", "slurm-task.sh"),
    program: join(ROOT, "scripts", "slurm-task.mjs"),
    tell: (text) => tell("ablate", text),
  });
  const cap = atOnce === undefined ? "as many at once as Slurm has room for" : `${atOnce} at once`;
  return { executor, text: `tasks of Slurm: ${cap}, threads each: ${threads}` };
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
