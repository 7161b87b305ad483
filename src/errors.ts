/** Errors that are the caller's to mend: a command reports them in one line and exits with code 2. */

/** Input that cannot be used: an option, a preset, a file. The message reads `where: what is wrong; what to do`. */
export class InputError extends Error {
  override readonly name: string = "InputError";
}

/** A position that the encoding does not define, under a policy that refuses it. */
export class PositionError extends RangeError {
  override readonly name: string = "PositionError";
}

/** True for errors that the caller can mend, as against faults of the program. */
export function isInputError(error: unknown): error is InputError | PositionError {
  return error instanceof InputError || error instanceof PositionError;
}
