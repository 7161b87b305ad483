/** Runs a program of the system: what it says is kept, or goes to the terminal. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** How a program ended. */
export interface Outcome {
  /** Its exit code; null when it could not be started or was ended by a signal. */
  readonly code: number | null;
  /** What it wrote to stdout and stderr, in order. */
  readonly output: string;
  /** The signal that ended it. */
  readonly signal: NodeJS.Signals | null;
}

export type Command = readonly [program: string, ...args: string[]];

export interface CommandOptions {
  /**
   * Where it runs, by default a folder of this program: Python imports from the current one, which
   * may be anybody's.
   */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Aborted: the program is ended. */
  readonly signal?: AbortSignal | undefined;
}

const HERE = dirname(fileURLToPath(import.meta.url));
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Programs under way: none outlives this process, unless that is killed. */
const running = new Set<ChildProcess>();

/** Runs a program to its end; one that cannot be started gives code null and the reason as its output. */
export function runCommand(command: Command, options: CommandOptions = {}): Promise<Outcome> {
  return run(command, options, { stdio: ["ignore", "pipe", "pipe"] });
}

/**
 * Runs a program whose words go to the terminal, so that its output is empty.
 * @param stdio those of this process by default
 */
export function runVisibly(
  command: Command,
  options: CommandOptions & { readonly stdio?: SpawnOptions["stdio"]; readonly shell?: boolean } = {},
): Promise<Outcome> {
  return run(command, options, { stdio: options.stdio ?? "inherit", shell: options.shell ?? false });
}

function run([program, ...args]: Command, options: CommandOptions, spawning: SpawnOptions): Promise<Outcome> {
  return new Promise((done) => {
    const path = /[\\/]/.test(program) ? resolve(program) : program;
    if (running.size === 0) listen(); // first, for the program runs before spawn returns, and a signal can come
    const child = spawn(path, args, { cwd: HERE, ...options, ...spawning });
    running.add(child);
    let output = "";
    const keep = (text: Buffer) => {
      output += text;
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    const end = (outcome: Outcome) => {
      forget(child);
      done(outcome);
    };
    child.once("error", (error) => end({ code: null, output: error.message, signal: null }));
    child.once("close", (code, signal) => end({ code, output, signal }));
  });
}

function listen(): void {
  process.on("exit", stopAll);
  for (const name of SIGNALS) process.on(name, onSignal);
}

function forget(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) stopListening();
}

function stopListening(): void {
  process.off("exit", stopAll);
  for (const name of SIGNALS) process.off(name, onSignal);
}

const stopAll = () => {
  for (const child of running) child.kill();
};

/** Whoever else listens has work to save, and ends the programs by `exit` or by aborting them. */
function onSignal(name: NodeJS.Signals): void {
  if (process.listenerCount(name) > 1) return;
  stopAll();
  stopListening();
  process.kill(process.pid, name); // as if nobody had listened
}

/** The last line that says something, for a message of one line. */
export function lastLine(output: string, pattern = /\S/): string {
  const lines = output.split("\n").filter((line) => pattern.test(line));
  return lines.at(-1)?.trim().slice(0, 300) ?? "no message";
}
