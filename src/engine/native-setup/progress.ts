/** How set-up tells what it does, and how it says that it cannot. */
import { InputError } from "../../errors.ts";

/** Receives the steps of a set-up; a command draws them. */
export interface SetupProgress {
  /** A step begins whose length is not known. */
  step(text: string): void;
  /** A step begins that moves about `total` bytes; the function returned takes the bytes moved so far. */
  bytes(text: string, total: number): (done: number) => void;
}

/** Takes the steps and draws nothing. */
export const silent: SetupProgress = { step: () => {}, bytes: () => () => {} };

/** Why the native engine cannot be set up, and what to do about it. */
export class SetupError extends InputError {
  override readonly name = "SetupError";
  readonly reason: string;
  readonly remedy: string;

  /** @param remedy what the reader can do; every message also says that the work can go on without. */
  constructor(reason: string, remedy: string, options?: ErrorOptions) {
    super(`setup: ${reason}; ${remedy}, then run npm run setup (--engine wasm works without it)`, options);
    this.reason = reason;
    this.remedy = remedy;
  }
}
