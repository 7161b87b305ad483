/** How set-up tells what it does, and how it says that it cannot. */
import { InputError } from "../../errors.ts";
import { IS_CLONE } from "./root.ts";

/** The engines that set-up installs: TensorFlow for the processor alone, and TensorFlow with CUDA. */
export type NativeEngine = "native" | "native-gpu";

/** The command that installs each. */
export const SETUP_COMMAND: Record<NativeEngine, string> = {
  native: IS_CLONE ? "npm run setup" : "npx whereabouts setup",
  "native-gpu": IS_CLONE ? "npm run setup -- --gpu" : "npx whereabouts setup --gpu",
};

const WITHOUT: Record<NativeEngine, string> = { native: "wasm", "native-gpu": "native" };

/** Receives the steps of a set-up; a command draws them. */
export interface SetupProgress {
  /** A step begins whose length is not known. */
  step(text: string): void;
  /** A step begins that moves about `total` bytes; the function returned takes the bytes moved so far. */
  bytes(text: string, total: number): (done: number) => void;
}

/** Takes the steps and draws nothing. */
export const silent: SetupProgress = { step: () => {}, bytes: () => () => {} };

/** Why an engine cannot be set up, and what to do about it. */
export class SetupError extends InputError {
  override readonly name = "SetupError";
  readonly reason: string;
  readonly remedy: string;

  /**
   * @param remedy what the reader can do; every message also says that the work can go on without.
   * @param options `engine` is the one that was to be set up, by default native.
   */
  constructor(reason: string, remedy: string, options: ErrorOptions & { engine?: NativeEngine } = {}) {
    const { engine = "native", ...rest } = options;
    const then = `then run ${SETUP_COMMAND[engine]} (--engine ${WITHOUT[engine]} works without it)`;
    super(`setup: ${reason}; ${remedy}, ${then}`, rest);
    this.reason = reason;
    this.remedy = remedy;
  }

  /** The same error about another engine: what fetches and compiles does not know for whom. */
  of(engine: NativeEngine): SetupError {
    return new SetupError(this.reason, this.remedy, { cause: this, engine });
  }
}
