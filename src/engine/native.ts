/**
 * The native engine: tfjs-node's kernels on the TensorFlow library that `native-setup` installs.
 */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { tf } from "../tensor/tf.ts";
import { EngineError, type StartedEngine, type StartOptions } from "./engine.ts";
import { registerNativeKernels } from "./native-kernels.ts";
import { nativeStatus } from "./native-setup/status.ts";

/** The part of tfjs-node's backend that we read. */
interface NativeBackend {
  readonly binding: { readonly TF_Version: string };
}

const require = createRequire(import.meta.url);

/**
 * Loads TensorFlow and makes it tfjs's backend.
 *
 * @throws EngineError when it is not installed whole, before anything is loaded: a truncated library would end the
 *   process with SIGBUS.
 */
export async function start({ threads }: StartOptions): Promise<StartedEngine> {
  const status = nativeStatus();
  if (!status.ready) throw new EngineError(`engine native: ${status.reason}; run npm run setup`);
  setEnvironment(threads);
  restoreRemovedUtilities();
  require("@tensorflow/tfjs-node");
  if (!(await tf.setBackend("tensorflow"))) {
    throw new EngineError("engine native: tfjs-node loads but refuses to start; run npm run -s doctor");
  }
  registerNativeKernels();
  const { binding } = tf.backend() as unknown as NativeBackend; // tfjs-node's class is not exported by core
  return {
    name: "native",
    detail: `TensorFlow ${binding.TF_Version} through tfjs-node`,
    threads: threads ?? availableParallelism(),
  };
}

/** TensorFlow reads these once, when it loads. A value that the user has set stays. */
function setEnvironment(threads: number | undefined): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2"; // errors only
  // Compiled graphs go to XLA unless their nodes say otherwise (graph/session.ts); small clusters too.
  process.env.TF_XLA_FLAGS ??= "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit --tf_xla_min_cluster_size=1";
  // Compiled in half the time, and steps take as long: a training step is products of matrices, which are ready-made, and short loops.
  process.env.XLA_FLAGS ??= "--xla_backend_optimization_level=1 --xla_cpu_parallel_codegen_split_count=4";
  if (threads === undefined) return;
  for (const name of ["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"]) {
    process.env[name] = String(threads);
  }
}

/**
 * tfjs-node 4.22.0 calls two functions of `node:util` that Node 22 deprecates (a warning at each first call) and
 * Node 23 removes (tensorflow/tfjs #8609).
 */
function restoreRemovedUtilities(): void {
  const util = require("node:util") as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}
