/** Slurm's commands, as far as an array needs them. None of them is asked through a shell. */
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { InputError } from "../../../../errors.ts";
import { type Command, lastLine, type Outcome, runCommand } from "../../../files/command.ts";
import { FORMAT, parseRows, type TaskRow } from "./rows.ts";
import { logFolder, type Submission } from "./submission.ts";

/** Runs one of Slurm's commands to its end. */
export type Exec = (command: Command) => Promise<Outcome>;

/** The tools wait some seconds for a controller that is away; one that hangs is asked anew. */
const PATIENCE_MS = 120_000;

export const execute: Exec = (command) => runCommand(command, { signal: AbortSignal.timeout(PATIENCE_MS) });

/** @throws InputError where Slurm's commands are not on the PATH */
export function requireSlurm(path = process.env.PATH ?? ""): void {
  const missing = ["sbatch", "squeue", "scancel", "scontrol"].filter((name) => !isOn(path, name));
  if (missing.length === 0) return;
  throw new InputError(
    `--executor slurm: not on the PATH: ${missing.join(", ")}; run this where Slurm's commands are, such as a login node, or use --executor local`,
  );
}

function isOn(path: string, name: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return isAbsolute(folder);
    } catch {
      return false;
    }
  });
}

/** What is submitted beside the manifest. */
export interface ArrayOptions {
  /** Tasks at once; left out, as many as Slurm finds room for. */
  readonly atOnce?: number | undefined;
  /** Further arguments of sbatch. */
  readonly args: readonly string[];
  /** slurm-task.sh, and the program that it starts. */
  readonly script: string;
  readonly program: string;
}

/**
 * Submits one task a job.
 *
 * @returns the array's id
 * @throws InputError with what sbatch says
 */
export async function submitArray(
  exec: Exec,
  { folder, manifest, record }: Submission,
  { atOnce, args, script, program }: ArrayOptions,
): Promise<string> {
  const cap = atOnce === undefined ? "" : `%${atOnce}`;
  const log = escapedPattern(resolve(logFolder(folder)));
  const outcome = await exec([
    ...(["sbatch", "--parsable", `--cpus-per-task=${manifest.threads}`, ...args] as const),
    ...[
      `--array=0-${manifest.jobs.length - 1}${cap}`,
      `--job-name=${record.name}`,
      `--chdir=${process.cwd()}`,
    ],
    ...[`--output=${join(log, "%A_%a.log")}`, "--open-mode=append", "--requeue"],
    ...[script, process.execPath, program, resolve(folder), process.cwd()],
  ]);
  const id = /^(\d+)(;\S+)?$/m.exec(outcome.output)?.[1];
  if (outcome.code === 0 && id !== undefined) return id;
  throw new InputError(`sbatch: ${lastLine(outcome.output)}; mend that, then run the same command again`);
}

/** sbatch replaces `%x` in a path, and `%%` by a percent sign. */
const escapedPattern = (path: string) => path.replaceAll("%", "%%");

/** What Slurm knows of an array. */
export type Asked =
  | { readonly kind: "rows"; readonly rows: ReadonlyMap<number, TaskRow> }
  /** It ended long ago, or the controller has lost it. */
  | { readonly kind: "unknown" }
  | { readonly kind: "away"; readonly why: string };

/** Asks for the tasks of an array that are pending or running, or ended a short while ago. */
export async function askFor(exec: Exec, array: string, name: string): Promise<Asked> {
  const { code, output } = await exec(["squeue", "-h", "-r", "-t", "all", "-j", array, "-O", FORMAT]);
  const rows = parseRows(output, array, name);
  if (code === 0) return rows.size > 0 ? { kind: "rows", rows } : { kind: "unknown" };
  return /Invalid job id/i.test(output) ? { kind: "unknown" } : { kind: "away", why: lastLine(output) };
}

/**
 * The id of an array that was submitted by a command which did not live to hear it: by the name of
 * its job, or of a log.
 */
export async function findArray(exec: Exec, { folder, record }: Submission): Promise<string | undefined> {
  const { code, output } = await exec([
    ...(["squeue", "-h", "-r", "-t", "all", `--name=${record.name}`, "-O", "ArrayJobID:|"] as const),
  ]);
  const id = /^(\d+)\|/m.exec(output)?.[1];
  if (code !== 0)
    throw new InputError(
      `squeue: ${lastLine(output)}; whether ${folder} was submitted is not known: run the same command again when Slurm answers`,
    );
  const logged = readdirSync(logFolder(folder)).map((file) => /^(\d+)_\d+\.log$/.exec(file)?.[1]);
  return id ?? logged.find((found) => found !== undefined);
}

/** @returns what Slurm says where it does not do so */
export async function order(exec: Exec, command: Command): Promise<string | undefined> {
  const { code, output } = await exec(command);
  return code === 0 ? undefined : lastLine(output);
}

/** The most tasks of one array, MaxArraySize of slurm.conf, which is 1001 by default. */
export async function mostTasks(exec: Exec): Promise<number> {
  const { output } = await exec(["scontrol", "show", "config"]);
  return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(output)?.[1] ?? 1001) || 1;
}
