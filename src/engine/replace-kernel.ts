/**
 * Puts a kernel of ours in the place of tfjs's, or of our own: an engine may be started again in
 * one process.
 */
import type { KernelConfig } from "@tensorflow/tfjs-core";
import { tf } from "../tensor/tf.ts";

/** Registers a kernel; the one that was there goes first, else tfjs prints "is already registered". */
export function replaceKernel(kernel: KernelConfig): void {
  const { kernelName, backendName } = kernel;
  if (tf.getKernel(kernelName, backendName) !== undefined) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel(kernel);
}
