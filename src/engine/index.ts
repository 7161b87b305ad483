/**
 * Starts an engine. Each is a module of its own, loaded when it is asked for, so that a browser bundle can leave
 * the native one out.
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

interface EngineModule {
  start(options: StartOptions): Promise<StartedEngine>;
}

const MODULES: Record<EngineName, () => Promise<EngineModule>> = {
  native: () => import("../node/native/start.ts"),
  "native-gpu": () => import("../node/native/start-gpu.ts"),
  wasm: async () => {
    const { startWasm } = await import("./wasm.ts");
    return { start: () => startWasm(nodeGradients) };
  },
  webgpu: () => import("./webgpu.ts"),
  cpu: async () => {
    const { startCpu } = await import("./cpu.ts");
    return { start: () => startCpu(nodeGradients) };
  },
};

/** What `auto` tries, in order. */
const AUTO: readonly EngineName[] = ["native", "wasm", "cpu"];

/**
 * What a training step costs against the native engine: models/learned.json on two cores of an AMD EPYC that had other
 * work, 55 ms native, 970 ms wasm, 5400 ms cpu (the difference of two run lengths, so without start and compilation).
 */
export const SLOWDOWN: Record<EngineName, string> = {
  native: "the fastest",
  "native-gpu": "not measured on a GPU; without one as fast as native",
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
 * @param request a name, or `auto` for the first of native, wasm and cpu that starts; `auto` tells `warn` which
 *   ones did not start and why. A named engine is never replaced by another.
 * @throws EngineError with the reason and the command that installs what is missing.
 */
export async function startEngine(request: EngineRequest, options: AutoOptions = {}): Promise<StartedEngine> {
  if (request !== "auto") return startNamed(request, options);
  const warn = options.warn ?? console.warn;
  const reasons: string[] = [];
  for (const name of AUTO) {
    const known = options.without?.[name];
    if (known !== undefined) {
      reasons.push(known);
      continue;
    }
    try {
      const engine = await startNamed(name, options);
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

async function startNamed(name: EngineName, options: StartOptions): Promise<StartedEngine> {
  const load = MODULES[name];
  if (load === undefined) {
    throw new EngineError(`engine: ${name} is not an engine; choose one of auto, ${ENGINE_NAMES.join(", ")}`);
  }
  const running = currentEngine();
  if (running?.name === name) {
    if (options.threads !== undefined && options.threads !== running.threads && name.startsWith("native")) {
      throw new EngineError(
        `engine ${name}: runs with ${running.threads} threads and cannot change to ${options.threads}; ` +
          "give the number before it starts",
      );
    }
    return running;
  }
  try {
    const engine = await (await load()).start(options);
    registerStatelessUniform(tf.getBackend());
    return recordEngine(engine);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const reason = error instanceof Error ? error.message.trim().split("\n")[0] : String(error);
    throw new EngineError(`engine ${name}: does not start: ${reason}; run npm run -s doctor`, {
      cause: error,
    });
  }
}

/**
 * Registers gradients in Node. tfjs-core's own list of them is written for bundlers (imports without file
 * extensions) and does not load here; the union package registers the same ones.
 */
function nodeGradients(): Promise<unknown> {
  return import("@tensorflow/tfjs");
}
