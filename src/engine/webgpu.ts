/**
 * The WebGPU engine in Node: Google's Dawn through the npm package `webgpu`. Its packages are not
 * dependencies (130 MB, and a driver that few servers have); `npm run setup -- --webgpu` installs
 * them. A numerical cross-check.
 */
import { tf } from "../tensor/tf.ts";
import { EngineError, type StartedEngine } from "./engine.ts";
import { registerGradients } from "./gradients.ts";

/**
 * The packages that set-up installs, each with the hash of its archive, and what Dawn's imports.
 * Most releases of Dawn's need a newer C++ library than Debian 12's.
 */
export const WEBGPU_PACKAGES = {
  "webgpu@0.6.2":
    "sha512-3L4GfmqJLvYUIEWJngEQY+2HQiUlAFkg8+P8NDDj3Xx5hHHIFO/r8JW+ynfqBj7kHN4mbnwO74uB+lrRtLhp4Q==",
  "@tensorflow/tfjs-backend-webgpu@4.22.0":
    "sha512-lvIc7Af4Tl2BCdYp43iQmSCRq3asaKT0q2xaErphXiUZ+jqeB0bQa0ZvQys1Xatvto0U4/c90DVsHPfvkn5ftg==",
  "debug@4.4.3":
    "sha512-RGwwWnwQvkVfavKVt22FGLw+xYSdzARwm0ru6DhTVA3umU5hZc28V3kO4stgYryrTlLpuvgI9GiijltAjNbcqA==",
  "ms@2.1.3":
    "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==",
} as const;

const INSTALL = "run npm run setup -- --webgpu in a clone, npx whereabouts setup --webgpu elsewhere";

interface Gpu {
  requestAdapter(): Promise<{
    readonly info?: { readonly description?: string; readonly vendor?: string };
  } | null>;
}

interface Dawn {
  readonly globals: object;
  create(options: string[]): Gpu;
}

/**
 * Starts the webgpu backend.
 *
 * @throws EngineError when the packages are missing or no driver gives an adapter.
 */
export async function start(): Promise<StartedEngine> {
  const { create, globals } = await loadPackage<Dawn>("webgpu");
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    throw new EngineError(
      "engine webgpu: no graphics driver gives an adapter; install a Vulkan driver (Mesa 25 or newer has a software one)",
    );
  }
  // The backend registers itself on import, and only if `navigator.gpu` is there by then.
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  await registerGradients();
  await loadPackage("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) {
    throw new EngineError("engine webgpu: tfjs refuses the adapter; update the Vulkan driver");
  }
  const { description, vendor } = adapter.info ?? {};
  return { name: "webgpu", detail: `Dawn on ${description || vendor || "an unnamed adapter"}`, threads: 1 };
}

/**
 * The name is a variable, so that neither the type checker nor a bundler asks for a package that
 * may not be there.
 */
async function loadPackage<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_MODULE_NOT_FOUND")
      throw new EngineError(`engine webgpu: ${name} is not installed; ${INSTALL}`);
    throw new EngineError(`engine webgpu: ${name} does not load: ${message.split("\n")[0]}; ${INSTALL}`);
  }
}
