/**
 * The native engine: tfjs-node's kernels on the TensorFlow library that `setup/` installs. Here too
 * is what it shares with native-gpu, which has another library and an addon of its own.
 */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { EngineError, type StartedEngine, type StartOptions } from "../../engine/engine.ts";
import { tf } from "../../tensor/tf.ts";
import { cacheFolder } from "../files/cache.ts";
import { type NativeEngine, SETUP_COMMAND } from "../files/progress.ts";
import type { NativeBackend } from "./graph/backend.ts";
import { graphCompiler } from "./graph/compiler.ts";
import { codeFolderFlags } from "./kept-code.ts";
import { registerNativeKernels } from "./kernels.ts";
import { forgetStart, noteStart } from "./known-start.ts";
import { beginStart } from "./setup/failed-starts.ts";
import { TENSORFLOW_VERSION } from "./setup/platforms.ts";
import { statusOf } from "./setup/status.ts";
import { loadTfjsNode } from "./setup/tfjs-node.ts";

/** The part of tfjs-node's backend that describes it. */
interface BackendDescription {
  readonly binding: { readonly TF_Version: string };
  /**
   * Whether the list of devices, as TensorFlow gave it, has a GPU; tfjs-node then computes on the
   * last of them.
   */
  readonly isUsingGpuDevice: boolean;
}

const require = createRequire(import.meta.url);

/**
 * Which of the two this process has loaded: they are one backend of tfjs, and TensorFlow cannot be
 * unloaded.
 */
let loaded: NativeEngine | undefined;

/** Loads TensorFlow and makes it tfjs's backend; throws as `startNative` does. */
export const start = (options: StartOptions): Promise<StartedEngine> => startNative("native", options);

/**
 * Loads the library of one of the native engines and makes it tfjs's backend.
 *
 * @throws EngineError when it is not installed whole, before anything is loaded: a truncated
 *   library would end the process with SIGBUS; and when this process has loaded the other one.
 */
export async function startNative(
  name: NativeEngine,
  { threads, lanes }: StartOptions,
): Promise<StartedEngine> {
  if (loaded !== undefined && loaded !== name) {
    throw new EngineError(
      `engine ${name}: this process has loaded ${loaded}, and TensorFlow can be loaded once; use another process`,
    );
  }
  const status = statusOf(name);
  if (!status.ready) throw new EngineError(`engine ${name}: ${status.reason}; run ${SETUP_COMMAND[name]}`);
  setEnvironment(threads);
  let notKept: string | undefined;
  if (name === "native-gpu") setCudaEnvironment(status.record.library);
  else notKept = setXlaEnvironment(threads ?? availableParallelism());
  restoreRemovedUtilities();
  loaded = name;
  const started = beginStart(name);
  try {
    forgetFailedStart();
    loadTfjsNode(status.addon);
  } catch (error) {
    throw whyNot(name, error);
  }
  if (!(await tf.setBackend("tensorflow"))) {
    throw new EngineError(`engine ${name}: tfjs-node loads but refuses to start; run npm run -s doctor`);
  }
  registerNativeKernels();
  started();
  const backend = tf.backend() as unknown as NativeBackend & BackendDescription; // tfjs-node's class is not exported by core
  const described = describe(name, backend);
  if (name === "native") noteStart(status.record, described.detail);
  const warning =
    notKept === undefined ? {} : { warning: `engine ${name}: compiled code is not kept: ${notKept}` };
  const all = threads ?? availableParallelism();
  // A GPU is shared out by its own means.
  const compiler = graphCompiler(backend, backend.isUsingGpuDevice ? 1 : (lanes ?? all));
  return { name, ...warning, ...described, threads: all, compiler };
}

/** What the loader says of a damaged file is no help. */
function whyNot(name: NativeEngine, error: unknown): unknown {
  if (name === "native") forgetStart();
  const status = statusOf(name, undefined, "full");
  if (status.ready) return error;
  return new EngineError(`engine ${name}: ${status.reason}; run ${SETUP_COMMAND[name]}`, { cause: error });
}

function describe(
  name: NativeEngine,
  { binding, isUsingGpuDevice }: BackendDescription,
): Pick<StartedEngine, "detail" | "warning"> {
  const tensorflow = `TensorFlow ${binding.TF_Version}`;
  if (name === "native") return { detail: `${tensorflow} through tfjs-node` };
  const detail = `${tensorflow} with CUDA through tfjs-node`;
  if (isUsingGpuDevice) return { detail: `${detail}, on the GPU` };
  return {
    detail: `${detail}, on the CPU: no GPU was found`,
    warning: `engine ${name}: computes on the CPU, since TensorFlow found no GPU that it can use (nvidia-smi lists those with a driver, TF_CPP_MIN_LOG_LEVEL=0 has its reasons printed)`,
  };
}

/** tfjs-node registers its kernels before it loads the addon; where that failed, it will do so again. */
function forgetFailedStart(): void {
  if (tf.findBackendFactory("tensorflow")) return;
  for (const { kernelName } of tf.getKernelsForBackend("tensorflow")) {
    tf.unregisterKernel(kernelName, "tensorflow");
  }
}

/** TensorFlow reads these once, when it loads. A value that the user has set stays. */
function setEnvironment(threads: number | undefined): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3"; // its errors are thrown; it also logs one at each entry of the code folder
  // With AVX-512 TensorFlow would turn these on by itself, print two lines while it is loaded, and
  // compute other last bits.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= "0";
  if (threads === undefined) return;
  for (const name of ["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"]) {
    process.env[name] = String(threads);
  }
}

/** Compiled graphs go to XLA unless their nodes say otherwise (graph/session.ts); small clusters too. */
const AUTO_JIT = "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit --tf_xla_min_cluster_size=1";

/** A parent process may have left its own, for other threads. */
const areOurs = (flags: string | undefined): boolean => flags?.startsWith(AUTO_JIT) ?? true;

/** @returns why compiled code is not kept, where it is not */
function setXlaEnvironment(threads: number): string | undefined {
  // Compiles in half the time, and steps take as long: they are products of matrices, which are
  // ready-made, and short loops.
  process.env.XLA_FLAGS ??= "--xla_backend_optimization_level=1 --xla_cpu_parallel_codegen_split_count=4";
  if (!areOurs(process.env.TF_XLA_FLAGS)) return undefined;
  const { flags, reason } = codeFolderFlags(
    () => cacheFolder("code"),
    [TENSORFLOW_VERSION, process.env.XLA_FLAGS, threads, process.env.TF_ENABLE_ONEDNN_OPTS],
  );
  process.env.TF_XLA_FLAGS = [AUTO_JIT, ...flags].join(" ");
  return reason;
}

/** Outside Python XLA is to be told where ptxas and libdevice are, lest it takes another CUDA's. */
function setCudaEnvironment(library: string): void {
  if (areOurs(process.env.TF_XLA_FLAGS)) process.env.TF_XLA_FLAGS = AUTO_JIT;
  const own = process.env.XLA_FLAGS?.trim() ?? "";
  const isFile = /^[^-]/.test(own); // of flags, which XLA reads
  if (!isFile && !own.includes("--xla_gpu_cuda_data_dir")) {
    process.env.XLA_FLAGS = `--xla_gpu_cuda_data_dir=${join(library, "nvidia", "cuda_nvcc")} ${own}`.trim();
  }
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true"; // else it takes all memory of the GPU at once
}

/**
 * tfjs-node 4.22.0 calls two functions of `node:util` that Node 22 deprecates (a warning at each
 * first call) and Node 23 removes (tensorflow/tfjs #8609).
 */
function restoreRemovedUtilities(): void {
  const util = require("node:util") as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}
