/** What a process of ours ends with, and what is no fault of it. */
import { isInputError, messageOf } from "../src/errors.ts";
import { oneLine, printableLines } from "../src/printable.ts";

/** Exit codes that shells and schedulers can rely on. */
const FAILED = 1;
const BAD_ARGUMENTS = 2;

/** One line on stderr, and an exit code. */
export interface Failure {
  readonly line: string;
  readonly code: number;
}

/** @param command as messages call it: `whereabouts train` */
export function failureOf(command: string, error: unknown): Failure {
  const bad = isInputError(error) || (error as Error)?.name === "YError";
  const name = command.split(" ").at(-1);
  const line = oneLine(messageOf(error)).slice(0, 2_000);
  const said = line.startsWith(`${name}: `) ? line.slice(`${name}: `.length) : line;
  return { line: `${command}: ${said}\n`, code: bad ? BAD_ARGUMENTS : FAILED };
}

/** Does the work of this process; an error, wherever it is thrown, ends it. */
export async function asProcess(command: string, work: () => Promise<void>): Promise<void> {
  const report = (error: unknown): never => {
    const { line, code } = failureOf(command, error);
    process.stderr.write(line);
    if (process.env.DEBUG && error instanceof Error)
      process.stderr.write(`${printableLines(error.stack ?? "")}\n`);
    process.exit(code);
  };
  // tfjs's wasm glue rethrows uncaught errors from a handler of its own, upon which Node prints 30 KB
  // of its minified source. This handler comes first and ends the process.
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
  // A reader that has seen enough (`| head`) is no fault.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    report(error);
  });
  // Nor one that reads no more progress: the work goes on, to its end or to what saves it.
  process.stderr.on("error", () => {});
  try {
    await work();
  } catch (error) {
    report(error);
  }
}
