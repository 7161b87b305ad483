/** The WebAssembly engine: no native code to install, in Node and in a browser. */
import { tf } from "../tensor/tf.ts";
import { EngineError, type StartedEngine } from "./engine.ts";
import { registerGradients } from "./gradients.ts";
import { registerWasmKernels } from "./wasm-kernels.ts";

/** Starts the wasm backend with our two kernels. */
export async function start(): Promise<StartedEngine> {
  await registerGradients();
  await import("@tensorflow/tfjs-backend-wasm");
  registerWasmKernels();
  // The threaded binary gains nothing on two cores and hangs in a minified page: its workers are
  // started from the text of a function that the minifier has renamed.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (!(await tf.setBackend("wasm"))) {
    throw new EngineError("engine wasm: WebAssembly does not start in this JavaScript engine; use cpu");
  }
  const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) ? "SIMD" : "no SIMD";
  return { name: "wasm", detail: `WebAssembly (${simd}), tfjs ${tf.version_core}`, threads: 1 };
}
