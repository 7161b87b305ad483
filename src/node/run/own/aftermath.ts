/**
 * What a user's own file does when none of its functions is running: in timers and promises that it
 * has left behind.
 *
 * An exit from there would end a command in the middle as if it were done, and an error would not
 * say whose it is.
 */
import { realpathSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type OwnOption, textOf } from "./guard.ts";

/** Codes with which the program ends itself, having said why. */
const OURS: ReadonlySet<number> = new Set([1, 2]);

/** Options and files by their URLs; the process is watched once for all of them. */
const watched = new Map<string, string>();

/**
 * Watches a file from when it was imported on; for a program that ends by itself, or with codes of its own.
 *
 * @param option with which it was given, such as "encoding"
 */
export function watchAftermath(option: OwnOption, path: string): void {
  if (watched.size === 0) watchProcess();
  watched.set(pathToFileURL(realpathSync(path)).href, `--${option}: ${path}`);
}

function watchProcess(): void {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  process.once("beforeExit", over); // nothing is left to do
  process.stdout.prependListener("error", ({ code }: NodeJS.ErrnoException) => code === "EPIPE" && over()); // `| head`
  process.on("exit", (code) => {
    if (isOver || OURS.has(code) || code >= 128) return;
    if (process.exitCode === 2) return; // a function was running, and has been named
    const names = [...watched.values()].join(", ");
    writeSync(2, `${names} ended the process (exit code ${code}); take its process.exit out\n`);
    process.exitCode = 2;
  });
  process.prependListener("uncaughtException", requireNotTheirs);
  process.prependListener("unhandledRejection", requireNotTheirs);
}

/** Passes over the program's own errors, which it reports itself. */
function requireNotTheirs(error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [url, where] of watched) {
    if (!stack.includes(url)) continue;
    writeSync(2, `${where}: a timer or promise failed (${textOf(error)}); mend the file\n`);
    process.exit(2);
  }
}
