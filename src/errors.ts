/** Errors that are the caller's to mend: a command reports them in one line and exits with code 2. */

import { oneLine } from "./printable.ts";

/**
 * Input that cannot be used: an option, a preset, a file. The message reads `where: what is wrong;
 * what to do`.
 *
 * It may quote that input, so line breaks become spaces, and what could steer a terminal or turn
 * the direction of text is left out.
 *
 * @example
 * assert.throws(() => {
 *   throw new InputError("mine.json: steps: is 0; give 1 or more");
 * }, /mine\.json/);
 */
export class InputError extends Error {
  override readonly name: string = "InputError";

  constructor(message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
  }
}

/**
 * A position that the encoding does not define, under a policy that refuses it.
 *
 * @example
 * assert.ok(isInputError(new PositionError("learned: position 128 is outside [0, 128)")));
 */
export class PositionError extends RangeError {
  override readonly name: string = "PositionError";
}

/**
 * True for errors that the caller can mend, as against faults of the program.
 *
 * @example
 * assert.ok(isInputError(new InputError("a: is wrong; mend it")));
 * assert.ok(!isInputError(new Error("a fault of the program")));
 */
export function isInputError(error: unknown): error is InputError | PositionError {
  return error instanceof InputError || error instanceof PositionError;
}

/** What was thrown, in words: anything can be. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
