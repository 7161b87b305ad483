/** The options with which commands choose an engine, and its start with the set-up included. */
import type { Options } from "yargs";
import { MOST_THREADS } from "../src/engine/engine.ts";
import { ENGINE_NAMES, type EngineRequest, type StartedEngine } from "../src/engine/index.ts";
import { isInputError } from "../src/errors.ts";
import { startEngine } from "../src/node/native/engines.ts";
import { type EngineFacts, knownStart } from "../src/node/native/known-start.ts";
import { ensureNative, type NativeEngine, statusOf } from "../src/node/native/setup/index.ts";
import { countOption } from "./number-option.ts";
import { setupProgress } from "./progress.ts";

/** Spread into a command's builder: `--engine` and `--threads`. */
export const engineOptions = {
  engine: {
    choices: ["auto", ...ENGINE_NAMES] as const,
    describe: "what computes (default: auto, the first of native, wasm and cpu that starts)",
  },
  threads: countOption("threads", MOST_THREADS, {
    describe: "threads of native and native-gpu (default: all cores)",
  }),
} as const satisfies Record<string, Options>;

/** What a command gets from `engineOptions`. */
export interface EngineArguments {
  readonly engine?: EngineRequest | undefined;
  readonly threads?: number | undefined;
}

/**
 * Installs a native engine in this clone unless it is there, with progress on stderr.
 * @param thorough whether to look at every byte of what is there
 */
export async function setUpNative(engine: NativeEngine = "native", thorough = false): Promise<void> {
  if (!thorough && statusOf(engine).ready) return;
  const progress = setupProgress();
  try {
    await ensureNative({ engine, progress, thorough });
  } finally {
    progress.end();
  }
}

/**
 * Starts the engine that a command was asked for, after setting up what it needs. Only `native` is
 * set up by itself: the gigabytes of native-gpu are asked for with `npm run setup -- --gpu`.
 *
 * @throws InputError when a named engine does not start; `auto` goes on with the next and says so on stderr.
 */
export async function startWithSetup({ engine = "auto", threads }: EngineArguments): Promise<StartedEngine> {
  const warn = (text: string) => process.stderr.write(`${text}\n`);
  if (engine === "native") await setUpNative();
  const reason = engine === "auto" ? await whyNoNative() : undefined;
  const without = reason === undefined ? {} : { native: reason };
  const started = await startEngine(engine, { threads, warn, without });
  if (started.warning !== undefined) warn(started.warning);
  return started;
}

/**
 * The engine of the processes that a command starts, while it computes nothing itself. It is loaded
 * here only where nobody knows yet that it starts.
 *
 * @throws as `startWithSetup`
 */
export async function engineOfProcesses(args: EngineArguments): Promise<EngineFacts> {
  const { engine = "auto", threads } = args;
  const known = engine === "auto" || engine === "native" ? knownStart(threads) : undefined;
  return known ?? startWithSetup(args);
}

async function whyNoNative(): Promise<string | undefined> {
  try {
    await setUpNative();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { message } = error;
    return isInputError(error) ? message : `setup: fails: ${message}`;
  }
}
