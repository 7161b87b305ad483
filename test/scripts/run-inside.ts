/**
 * Runs `whereabouts` inside the test's process, as main.ts does in one of its own: for what a
 * command says and how it ends, at a fraction of the second that a process takes to start.
 */
import { failureOf } from "../../scripts/as-process.ts";
import { commandOf, runCommandLine } from "../../scripts/command-line.ts";
import type { Outcome } from "./run-command.ts";

/** One after another: stdout, the exit code and the engine are the process's. */
let last: Promise<unknown> = Promise.resolve();

/** What `whereabouts ...args` prints and ends with. */
export function runInside(...args: string[]): Promise<Outcome> {
  const mine = last.then(() => outcomeOf(args));
  last = mine;
  return mine;
}

async function outcomeOf(args: readonly string[]): Promise<Outcome> {
  const out = captured(process.stdout);
  const err = captured(process.stderr);
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const failure = await runCommandLine(args).then(
      () => undefined,
      (error: unknown) => failureOf(commandOf(args), error),
    );
    const code = failure?.code ?? Number(process.exitCode ?? 0);
    return { code, signal: null, stdout: out.text(), stderr: err.text() + (failure?.line ?? "") };
  } finally {
    process.exitCode = before;
    out.release();
    err.release();
  }
}

/** Keeps what is written to a stream. */
function captured(stream: NodeJS.WriteStream) {
  const { write } = stream;
  let text = "";
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    const done = rest.at(-1);
    if (typeof done === "function") done();
    return true;
  }) as typeof write;
  return {
    text: () => text,
    release: () => {
      stream.write = write;
    },
  };
}
