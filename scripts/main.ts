/** The process of a command: what it ends with, and what is no fault of it. */
import { printableLines } from "../src/printable.ts";
import { failureOf, runCommandLine } from "./command-line.ts";

const argv = process.argv.slice(2);

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
  await runCommandLine(argv);
} catch (error) {
  report(error);
}

function report(error: unknown): never {
  const { line, code } = failureOf(argv, error);
  process.stderr.write(line);
  if (process.env.DEBUG && error instanceof Error)
    process.stderr.write(`${printableLines(error.stack ?? "")}\n`);
  process.exit(code);
}
