/**
 * Engines in a browser, each a chunk of its own that loads when it is asked for.
 *
 * WebAssembly comes first: models of this size are so small that starting a GPU's kernels takes longer
 * than what they compute (a forward pass of 128 tokens: 10 to 15 ms, on a software GPU 68 ms or more).
 */
import { tf } from "../tensor/tf.ts";
import { registerGradients } from "./gradients.ts";

/** In the order in which they are tried. */
export const PAGE_ENGINES = ["wasm", "webgpu", "webgl"] as const;

export type PageEngine = (typeof PAGE_ENGINES)[number];

/** An engine that runs in a page. */
export interface StartedPageEngine {
  readonly name: PageEngine;
  /** What it is made of, for people. */
  readonly detail: string;
  /** Engines that were tried before it, each with the reason why it did not start. */
  readonly refused: readonly string[];
}

/**
 * Starts the first of some engines that starts.
 *
 * @param wasmFolder the address of the folder with the three .wasm files, with a slash at its end
 * @throws Error with every engine's reason where none starts
 */
export async function startPageEngine(
  names: readonly PageEngine[],
  wasmFolder: string,
): Promise<StartedPageEngine> {
  const refused: string[] = [];
  for (const name of names) {
    try {
      return { name, detail: await STARTS[name](wasmFolder), refused };
    } catch (error) {
      refused.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`engine: none starts in this browser. ${refused.join(". ")}`);
}

/** Each returns what the engine is made of. */
const STARTS: Readonly<Record<PageEngine, (wasmFolder: string) => Promise<string>>> = {
  async wasm(folder) {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(folder);
    return (await (await import("./wasm.ts")).start()).detail;
  },
  async webgpu() {
    const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<unknown> } };
    if (gpu === undefined || !(await gpu.requestAdapter())) throw new Error("no graphics adapter");
    await registerGradients();
    await import("@tensorflow/tfjs-backend-webgpu");
    return settled("webgpu", "WebGPU");
  },
  async webgl() {
    await registerGradients();
    await import("@tensorflow/tfjs-backend-webgl");
    const detail = await settled("webgl", "WebGL");
    if (!tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED"))
      throw new Error("this graphics card computes in half precision");
    return detail;
  },
};

/** `setBackend` says whether the backend started; `getBackend` names it even if it did not. */
async function settled(backend: string, title: string): Promise<string> {
  if (!(await tf.setBackend(backend))) throw new Error("tfjs refuses it");
  return `${title}, tfjs ${tf.version_core}`;
}
