/**
 * Starts an engine. Each is a module of its own, loaded when it is asked for, so that a browser
 * bundle can leave the native one out.
 */
import { tf } from "../tensor/tf.ts";
import {
  currentEngine,
  ENGINE_NAMES,
  EngineError,
  type EngineName,
  type EngineRequest,
  recordEngine,
  type StartedEngine,
  type StartOptions,
} from "./engine.ts";
import { registerStatelessUniform } from "./stateless-random.ts";

export {
  currentEngine,
  ENGINE_NAMES,
  EngineError,
  type EngineName,
  type EngineRequest,
  type StartedEngine,
  type StartOptions,
} from "./engine.ts";

/** A module that starts one engine. */
export interface EngineModule {
  start(options: StartOptions): Promise<StartedEngine>;
}

/** How each engine is loaded, of those that there are. */
export type EngineModules = Partial<Record<EngineName, () => Promise<EngineModule>>>;

/** The engines that run anywhere; Node has the native ones beside them (`node/native/engines.ts`). */
export const PORTABLE_ENGINES: EngineModules = {
  wasm: () => import("./wasm.ts"),
  webgpu: () => import("./webgpu.ts"),
  cpu: () => import("./cpu.ts"),
};

/** What `auto` tries, in order. */
const AUTO: readonly EngineName[] = ["native", "wasm", "cpu"];

/**
 * What a training step costs against the native engine: models/learned.json on two cores of an AMD
 * EPYC that had other work, 55 ms native, 970 ms wasm, 5400 ms cpu (the difference of two run
 * lengths, so without start and compilation).
 */
export const SLOWDOWN: Record<EngineName, string> = {
  native: "the fastest",
  "native-gpu": "not measured at the presets' size; without a GPU as fast as native",
  wasm: "about 20 times slower than native",
  webgpu: "a numerical cross-check, not a fast engine",
  cpu: "about 100 times slower than native",
};

/** What `auto` is told besides the options of an engine. */
export interface AutoOptions extends StartOptions {
  /** Takes the lines that say which engines did not start, why, and what runs instead. */
  readonly warn?: (text: string) => void;
  /** Engines known not to start, with the reason: they are not tried. */
  readonly without?: Partial<Record<EngineName, string>>;
}

/**
 * Starts an engine and makes it the current one.
 *
 * @param request a name, or `auto` for the first of native, wasm and cpu that starts; `auto` tells
 *   `warn` which ones did not start and why. A named engine is never replaced by another.
 * @throws EngineError with the reason and the command that installs what is missing.
 */
export type StartEngine = (request: EngineRequest, options?: AutoOptions) => Promise<StartedEngine>;

/**
 * Starts one of the engines that run anywhere.
 *
 * @example
 * const engine = await startEngine("cpu");
 * assert.equal(engine.name, "cpu");
 */
export const startEngine: StartEngine = engineStarter(PORTABLE_ENGINES);

/** The function that starts one of some engines. */
export function engineStarter(modules: EngineModules): StartEngine {
  return (request, options = {}) =>
    request === "auto" ? startAuto(modules, options) : startNamed(modules, request, options);
}

async function startAuto(modules: EngineModules, options: AutoOptions): Promise<StartedEngine> {
  const warn = options.warn ?? console.warn;
  const reasons: string[] = [];
  for (const name of AUTO.filter((one) => one in modules)) {
    const known = options.without?.[name];
    if (known !== undefined) {
      reasons.push(known);
      continue;
    }
    try {
      const engine = await startNamed(modules, name, options);
      if (reasons.length > 0) {
        warn(`${reasons.join("\n")}\nengine: goes on with ${name}, ${SLOWDOWN[name]}`);
      }
      return engine;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      reasons.push(error.message);
    }
  }
  throw new EngineError(`engine: none starts. ${reasons.join(". ")}`);
}

/** tfjs's, of the engine that runs: another copy of this package may have set another since. */
let backend: string | undefined;

async function startNamed(
  modules: EngineModules,
  name: EngineName,
  options: StartOptions,
): Promise<StartedEngine> {
  const load = modules[name];
  if (load === undefined) {
    const known = ["auto", ...ENGINE_NAMES.filter((one) => one in modules)].join(", ");
    throw new EngineError(`engine: ${name} is not an engine here; choose one of ${known}`);
  }
  const running = currentEngine();
  if (running?.name === name) {
    if (options.threads !== undefined && options.threads !== running.threads && name.startsWith("native")) {
      throw new EngineError(
        `engine ${name}: runs with ${running.threads} threads and cannot change to ${options.threads}; ` +
          "give the number before it starts",
      );
    }
    if (tf.getBackend() === backend) return running;
  }
  try {
    const engine = await (await load()).start(options);
    backend = tf.getBackend();
    registerStatelessUniform(backend);
    return recordEngine(engine);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const reason = error instanceof Error ? error.message.trim().split("\n")[0] : String(error);
    throw new EngineError(`engine ${name}: does not start: ${reason}; run npm run -s doctor`, {
      cause: error,
    });
  }
}
