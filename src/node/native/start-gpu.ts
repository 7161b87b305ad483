/**
 * The native engine on the build of TensorFlow with CUDA: the same kernels, the same compiled step,
 * on a GPU where TensorFlow finds one and on the processor, with a word about it, where it does
 * not.
 */
import type { StartedEngine, StartOptions } from "../../engine/engine.ts";
import { startNative } from "./start.ts";

/** Loads TensorFlow with CUDA and makes it tfjs's backend; throws as `native` does. */
export const start = (options: StartOptions): Promise<StartedEngine> => startNative("native-gpu", options);
