/** What an engine is: the names, what starting one gives, and the record of the one that runs. */
import { InputError } from "../errors.ts";
import type { Compiler } from "./compiler.ts";

/**
 * The engines. `native-gpu` and `webgpu`, a numerical cross-check, are started by name only; the
 * others are fastest first.
 */
export const ENGINE_NAMES = ["native", "native-gpu", "wasm", "webgpu", "cpu"] as const;

/**
 * One engine.
 *
 * @useDeclaredType
 */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What a caller may ask for: one engine, or the first of native, wasm and cpu that starts. */
export type EngineRequest = "auto" | EngineName;

/** An engine that runs: its kernels and gradients are registered and it is tfjs's current backend. */
export interface StartedEngine {
  readonly name: EngineName;
  /** What it is made of, for people and for the run record. */
  readonly detail: string;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** What whoever asked for it by name did not expect; commands say it on stderr. */
  readonly warning?: string;
  /** Turns functions of tensors into graphs. Engines without one run them eagerly. */
  readonly compiler?: Compiler;
}

/**
 * More than any machine has cores; TensorFlow aborts where the system has no room for as many as
 * were asked for.
 */
export const MOST_THREADS = 1024;

/** How an engine is started. */
export interface StartOptions {
  /** Threads of native and native-gpu; left out, all cores. The others use one. */
  readonly threads?: number | undefined;
  /** Parts of a graph that native may run at the same time; left out, as many as threads. */
  readonly lanes?: number | undefined;
}

/**
 * The reason why an engine does not start, with the command that mends it.
 *
 * @example
 * await startEngine("webgpu").catch((error) => assert.ok(error instanceof EngineError));
 */
export class EngineError extends InputError {
  override readonly name = "EngineError";
}

let current: StartedEngine | undefined;

/**
 * The engine that was started last, or undefined before any was.
 *
 * @example
 * await startEngine("cpu");
 * assert.equal(currentEngine()?.name, "cpu");
 */
export function currentEngine(): StartedEngine | undefined {
  return current;
}

/** The compiler of the engine that runs, if it has one. */
export function currentCompiler(): Compiler | undefined {
  return current?.compiler;
}

/** Makes an engine the current one; only `startEngine` calls this. */
export function recordEngine(engine: StartedEngine): StartedEngine {
  current = engine;
  return engine;
}
