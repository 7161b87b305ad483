/** Errors of the system, such as ENOSPC, in words that say what to do. */
import { InputError } from "../../errors.ts";

/**
 * What to tell the user about a failed write: an InputError for a fault of the disk or of
 * permissions, anything else as it is.
 */
export function writeError(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof InputError || !(error instanceof Error)) return error;
  if (!("syscall" in error) || code.startsWith("ERR_")) return error; // not the system's: a fault of the program
  const cause = { cause: error };
  if (code === "ENOENT" && /^mkd/.test(String(error.syscall)))
    return new InputError(`${path}: no folder can be made there (${code}); choose another`, cause);
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new InputError(`${path}: no space left to write (${code}); free some and run again`, cause);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new InputError(`${path}: may not be written (${code}); choose a folder that may be`, cause);
    default:
      return new InputError(`${path}: cannot be written (${code}); check the path and the disk`, cause);
  }
}

/** The system's code of an error, such as "ENOENT". */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The error of the system that led to an error, such as an ENOSPC under what was said about it. */
export function systemCause(error: unknown): NodeJS.ErrnoException | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = errorCode(cause);
    if (code !== undefined && "syscall" in cause && !code.startsWith("ERR_"))
      return cause as NodeJS.ErrnoException;
  }
  return undefined;
}
