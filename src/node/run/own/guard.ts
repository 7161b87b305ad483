/**
 * Calls of functions that a user's own file defines: what goes wrong in one names the file and the
 * function.
 */
import { writeSync } from "node:fs";
import { InputError, isInputError } from "../../../errors.ts";
import { NotFiniteError } from "../../../finite.ts";

/** What a file of the user's may define; each is given by the option of its name. */
export type OwnOption = "encoding" | "probe" | "task" | "corpus";

/** What of a file is running: `--task: mine.ts: draw`. */
let running: string | undefined;

process.on("exit", (code) => {
  if (running === undefined || code >= 128) return; // a signal's
  writeSync(2, `${running} ended the process (exit code ${code}); take its process.exit out\n`);
  process.exitCode = 2;
});

/**
 * Runs something of a file.
 *
 * @param what the option, the file and its function, for messages
 * @throws InputError for whatever it throws.
 */
export function guarded<R>(what: string, work: () => R): R {
  const before = running;
  running = what;
  try {
    return work();
  } catch (cause) {
    throw failure(what, cause);
  } finally {
    running = before;
  }
}

/**
 * The same of something that takes its time: what never ends, such as an await of nothing, ends the
 * process and is named.
 */
export async function guardedAsync<R>(what: string, work: () => R | Promise<R>): Promise<R> {
  running = what;
  try {
    return await work();
  } catch (cause) {
    throw failure(what, cause);
  } finally {
    running = undefined;
  }
}

/** Errors of ours, which the file's own calls led to, say what is wrong themselves. */
function failure(what: string, cause: unknown): unknown {
  if (isInputError(cause) || cause instanceof NotFiniteError) return cause;
  return new InputError(`${what} failed (${textOf(cause)}); mend the file`, { cause });
}

/** What was thrown, which need be no error and need have no text. */
export function textOf(cause: unknown): string {
  try {
    return String(cause);
  } catch {
    return "something without a text";
  }
}

/** A value that should have been another, in a word or two. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isPromise(value)) return "a promise, as async functions do";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

export const isPromise = (value: unknown): boolean =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";
