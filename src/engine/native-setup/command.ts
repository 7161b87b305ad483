/** Runs a program of the system and keeps what it says. */
import { spawn } from "node:child_process";

/** How a program ended. */
export interface Outcome {
  /** Its exit code; null when it could not be started or was ended by a signal. */
  readonly code: number | null;
  /** What it wrote to stdout and stderr, in order. */
  readonly output: string;
  /** The signal that ended it. */
  readonly signal: NodeJS.Signals | null;
}

/** Runs a program to its end; one that cannot be started gives code null and the reason as its output. */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    // A set-up that ends early must not leave its download running.
    const stop = () => child.kill();
    process.once("exit", stop);
    let output = "";
    const keep = (text: Buffer) => {
      output += text;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const end = (outcome: Outcome) => {
      process.removeListener("exit", stop);
      resolve(outcome);
    };
    child.once("error", (error) => end({ code: null, output: error.message, signal: null }));
    child.once("close", (code, signal) => end({ code, output, signal }));
  });
}

/** The last line that says something, for a message of one line. */
export function lastLine(output: string, pattern = /\S/): string {
  const lines = output.split("\n").filter((line) => pattern.test(line));
  return lines.at(-1)?.trim().slice(0, 300) ?? "no message";
}
